import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";

// The token that opened the page is in its cookie now; it need not stand in the address bar and the history.
if (location.search) history.replaceState(null, "", location.pathname);
const page = document.getElementById("page");
if (page) createRoot(page).render(<App />);
