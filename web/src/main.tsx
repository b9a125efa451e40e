import "@fontsource-variable/instrument-sans/wght.css";
import "@fontsource-variable/newsreader/wght.css";
import "@fontsource-variable/newsreader/wght-italic.css";
import "./styles/tokens.css";
import "./styles/base.css";
import { createRoot } from "react-dom/client";
import { Boot } from "./app/Boot.tsx";

if (import.meta.env.PROD) {
  // What was built stays at hand; where that is refused, the page is fetched as ever.
  navigator.serviceWorker?.register("./sw.js").catch(() => undefined);
}

createRoot(document.getElementById("root") as HTMLElement).render(<Boot />);
