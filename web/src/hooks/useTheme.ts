import { useEffect } from "react";

/** Light or dark as chosen, or as the system is. */
export function useTheme(theme: "light" | "dark" | undefined): void {
  useEffect(() => {
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
  }, [theme]);
}
