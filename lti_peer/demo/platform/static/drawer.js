// Keep the drawer as it was from page to page.
const drawer = document.querySelector("[data-drawer]");
const KEY = "demo_lms_drawer";

if (drawer) {
  drawer.open = sessionStorage.getItem(KEY) === "open";
  drawer.addEventListener("toggle", () => {
    sessionStorage.setItem(KEY, drawer.open ? "open" : "closed");
  });
}
