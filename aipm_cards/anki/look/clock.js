// A clock for interview cards. Without it the card says the minutes in words.
(function () {
  var frame = document.querySelector(".aipm .frame [data-minutes]");
  if (!frame || document.querySelector(".aipm .clock")) return;
  var limit = 60 * Number(frame.getAttribute("data-minutes"));
  var key = "aipm-clock:" + document.querySelector(".aipm .id").textContent;
  var button = document.createElement("button");
  var started = Date.now(), before = 0, running = true;
  button.className = "clock";
  button.type = "button";
  button.setAttribute("aria-label", "Pause or go on");
  function seconds() { return before + (running ? (Date.now() - started) / 1000 : 0); }
  function show() {
    if (!document.body.contains(button)) return clearInterval(beat);
    var left = Math.round(limit - seconds()), away = Math.abs(left);
    button.textContent = (running ? "" : "‖ ") + (left < 0 ? "+" : "") +
      Math.floor(away / 60) + ":" + ("0" + (away % 60)).slice(-2);
    button.classList.toggle("over", left < 0);
    try { sessionStorage.setItem(key, seconds() > limit ? "late" : ""); } catch (e) { /* private mode: no memory */ }
  }
  button.onclick = function (event) {
    event.stopPropagation();
    before = seconds();
    running = !running;
    started = Date.now();
    show();
  };
  frame.parentNode.insertBefore(button, frame.nextSibling);
  var beat = setInterval(show, 500);
  show();
})();
