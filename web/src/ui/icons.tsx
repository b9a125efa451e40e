// Line icons of one weight. They are decoration: the words beside them, or a label, say what they mean.

import type { ReactNode } from "react";

function Icon({ children }: { children: ReactNode }) {
  return (
    <svg
      className="icon"
      viewBox="0 0 24 24"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      {children}
    </svg>
  );
}

const MICROPHONE = (
  <>
    <rect x="9" y="3" width="6" height="11" rx="3" />
    <path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3" />
  </>
);

export const MicrophoneIcon = () => <Icon>{MICROPHONE}</Icon>;

export const MicrophoneOffIcon = () => (
  <Icon>
    {MICROPHONE}
    <path d="M4 4l16 16" />
  </Icon>
);

export const StopIcon = () => (
  <Icon>
    <rect x="7" y="7" width="10" height="10" rx="1.5" fill="currentColor" />
  </Icon>
);

export const EndIcon = () => (
  <Icon>
    <path d="M6 6l12 12M18 6L6 18" />
  </Icon>
);

export const SendIcon = () => (
  <Icon>
    <path d="M12 19V5M6 11l6-6 6 6" />
  </Icon>
);

export const VolumeIcon = () => (
  <Icon>
    <path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11" />
  </Icon>
);

export const CloseIcon = EndIcon;

export const SaveIcon = () => (
  <Icon>
    <path d="M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 20h14" />
  </Icon>
);

export const TraceIcon = () => (
  <Icon>
    <path d="M4 6h6M8 12h7M14 18h6" />
  </Icon>
);

export const HistoryIcon = () => (
  <Icon>
    <path d="M5 5h14M5 10h9M5 15h14M5 20h6" />
  </Icon>
);

export const CheckIcon = () => (
  <Icon>
    <path d="M3 12h4l2.5-6 5 12 2.5-6h4" />
  </Icon>
);

export const SettingsIcon = () => (
  <Icon>
    <path d="M4 8h8M16.5 8H20M4 16h3.5M12 16h8" />
    <circle cx="14.2" cy="8" r="2.2" />
    <circle cx="9.8" cy="16" r="2.2" />
  </Icon>
);
