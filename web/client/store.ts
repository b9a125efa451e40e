// A state that can be watched: just enough for React's useSyncExternalStore, and for anyone else.

export class Store<State, Event> {
  #state: State;
  #reduce: (state: State, event: Event) => State;
  #watchers = new Set<() => void>();

  constructor(initial: State, reduce: (state: State, event: Event) => State) {
    this.#state = initial;
    this.#reduce = reduce;
  }

  getSnapshot = (): State => this.#state;

  /** Calls back after every change; gives the function that ends it. */
  subscribe = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  happen(event: Event): void {
    const next = this.#reduce(this.#state, event);
    if (next === this.#state) return;
    this.#state = next;
    for (const watcher of this.#watchers) watcher();
  }
}
