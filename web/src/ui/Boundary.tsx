import { Component, type ReactNode } from "react";

interface BoundaryProps {
  /** What is shown when the part inside can't be. */
  instead: ReactNode;
  children: ReactNode;
}

/** A part of the page that may fail alone, such as one that could not be loaded: the call goes on. */
export class Boundary extends Component<BoundaryProps, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    return this.state.hasFailed ? this.props.instead : this.props.children;
  }
}
