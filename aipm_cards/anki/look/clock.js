// A clock on the front of interview cards: counts down, pauses on a click or P, shows overtime,
// and tells the back when the answer came late. Without it the card says the minutes in words.
(function () {
  var frame = document.querySelector(".aipm .frame [data-minutes]");
  var id = document.querySelector(".aipm .id");
  var bar = document.querySelector(".aipm .cue");
  if (!frame || !id || !bar || document.querySelector(".aipm .clock")) return;
  var limit = 60 * Number(frame.getAttribute("data-minutes"));
  var button = document.createElement("button");
  var started = Date.now(), before = 0, running = true;

  function seconds() { return before + (running ? (Date.now() - started) / 1000 : 0); }
  function remember(late) {
    try { sessionStorage.setItem("aipm-clock:" + id.textContent, late ? "late" : ""); } catch (e) { /* the learner ticks it */ }
  }
  function show() {
    if (!document.body.contains(button)) {
      clearInterval(beat);
      document.removeEventListener("keydown", press);
      return;
    }
    var left = Math.ceil(limit - seconds()), away = Math.abs(left), over = left < 0;
    button.textContent = (over ? "+" : "") + Math.floor(away / 60) + ":" + ("0" + (away % 60)).slice(-2) +
      (over ? " over" : "") + (running ? "" : ", paused");
    button.className = over ? "clock tappable over" : "clock tappable";
    remember(over);
  }
  function toggle() {
    before = seconds();
    running = !running;
    started = Date.now();
    show();
  }
  function press(event) {
    var typing = /^(input|textarea|select)$/i.test(event.target.tagName || "");
    if (event.key === "p" && !event.ctrlKey && !event.altKey && !event.metaKey && !typing) toggle();
  }

  button.type = "button";
  button.title = "Pause or go on (P)";
  button.onclick = function (event) {
    event.stopPropagation();
    toggle();
    if (event.detail) button.blur(); // after a mouse or a finger, the keys belong to Anki again
  };
  button.onkeydown = button.onkeyup = function (event) {
    if (event.key === " " || event.key === "Enter") event.stopPropagation();
  };
  bar.appendChild(button);
  document.addEventListener("keydown", press);
  var beat = setInterval(show, 500);
  show();
})();
