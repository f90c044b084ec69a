
// Tells the page how high the card is, and of the keys that move on. The card runs nothing else.
(function () {
  function tell(what) { parent.postMessage(what, "*"); }
  function tellHeight() {
    tell({ height: Math.ceil(document.documentElement.getBoundingClientRect().height) });
  }
  tellHeight(); // a frame out of sight is not drawn, and an observer not called
  addEventListener("load", tellHeight); // images
  new ResizeObserver(tellHeight).observe(document.documentElement);
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    if (/^(ArrowLeft|ArrowRight|\/)$/.test(event.key)) {
      event.preventDefault();
      tell({ key: event.key });
    }
  });
})();
