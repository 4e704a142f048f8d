// The theme leaves these without a name, or out of reach of the keyboard; axe finds them.
const mend = () => {
  document.querySelectorAll("a[id^=__codelineno]:not([aria-hidden])").forEach((anchor) => {
    anchor.setAttribute("aria-hidden", "true");
    anchor.tabIndex = -1;
  });
  document.querySelectorAll("nav.md-code__nav:not([aria-label])").forEach((nav) => {
    nav.setAttribute("aria-label", `Code ${document.querySelectorAll("nav.md-code__nav[aria-label]").length + 1}`);
  });
  document.querySelectorAll(".md-typeset__scrollwrap:not([tabindex]), .highlight pre > code:not([tabindex])").forEach((part) => { part.tabIndex = 0; });
};
new MutationObserver(mend).observe(document.documentElement, { childList: true, subtree: true });
document.addEventListener("DOMContentLoaded", mend);
mend();
