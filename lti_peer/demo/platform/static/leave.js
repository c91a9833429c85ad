// Content was placed: leave the frame, as the link on the page would.
const link = document.querySelector("[data-leave]");
if (link) (window.top ?? window).location.assign(link.href);
