// Makes the rubric tickable and shows the rating that it earned. Without it, it is a list.
function aipmRating(ticked, mustMissing, pass, lateOrHint, fresh) {
  if (mustMissing || ticked < pass) return "Again";
  if (lateOrHint) return "Hard";
  return fresh ? "Easy" : "Good";
}
(function () {
  if (typeof document === "undefined") return;
  var list = document.querySelector(".aipm .rubric:not(.live)");
  if (!list) return;
  var pass = Number(list.getAttribute("data-pass")), points = [], all = [], late = false;
  // Anki's own window takes the space bar before the page sees it, so there Tab passes the boxes by.
  var desktop = /QtWebEngine/.test(navigator.userAgent);
  try {
    late = sessionStorage.getItem("aipm-clock:" + document.querySelector(".aipm .id").textContent) === "late";
  } catch (e) { /* no memory: the learner ticks it */ }

  // Puts a box before what `holder` holds.
  function box(holder) {
    var label = document.createElement("label"), text = document.createElement("span"), input = document.createElement("input");
    while (holder.firstChild) text.appendChild(holder.firstChild);
    input.type = "checkbox";
    if (desktop) input.tabIndex = -1;
    label.className = input.className = "tappable"; // AnkiMobile and AnkiDroid leave such taps alone
    label.appendChild(input);
    label.appendChild(text);
    holder.appendChild(label);
    label.onclick = function (event) {
      event.stopPropagation();
      if (event.detail) setTimeout(function () { input.blur(); }, 0); // after a mouse or a finger, the keys belong to Anki again
    };
    input.onkeydown = input.onkeyup = input.onkeypress = function (event) {
      if (event.key === " ") event.stopPropagation(); // ticks the box and nothing else
    };
    input.onchange = show;
    all.push(input);
    return input;
  }
  function extra(into, words, checked) {
    var holder = document.createElement("div");
    holder.textContent = words;
    into.appendChild(holder);
    var input = box(holder);
    input.checked = checked;
    return input;
  }
  function show() {
    var ticked = points.filter(function (p) { return p.input.checked; }).length;
    var missing = points.some(function (p) { return p.must && !p.input.checked; });
    var rating = aipmRating(ticked, missing, pass, slow.checked, fresh.checked);
    var reason = ticked + " of " + points.length + " points";
    if (ticked < pass) reason += ", " + pass + " needed";
    else if (missing) reason += ", but a must is missing";
    else if (slow.checked) reason += ", over time or with a hint";
    var word = document.createElement("b");
    word.textContent = rating;
    earned.textContent = "";
    earned.appendChild(word);
    earned.appendChild(document.createTextNode(" " + reason));
    earned.className = "earned " + rating.toLowerCase();
  }
  // J and K move, X ticks: keys that Anki leaves free.
  function press(event) {
    if (!document.body.contains(list)) return document.removeEventListener("keydown", press);
    var at = all.indexOf(document.activeElement);
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (at < 0 && /^(input|textarea|select)$/i.test(event.target.tagName || "")) return;
    if (event.key === "j") all[Math.min(at + 1, all.length - 1)].focus();
    else if (event.key === "k") all[Math.max(at - 1, 0)].focus();
    else if (event.key === "x" && at >= 0) all[at].click();
  }

  [].forEach.call(list.children, function (item) {
    points.push({ must: item.classList.contains("must"), input: box(item) });
  });
  list.classList.add("live");
  var extras = document.createElement("div"), earned = document.createElement("p"), keys = document.createElement("span");
  extras.className = "extras";
  var slow = extra(extras, "Over time, or with a hint", late);
  var fresh = extra(extras, "I would say it the same way tomorrow, with a fresh example", false);
  earned.setAttribute("aria-live", "polite");
  list.parentNode.insertBefore(extras, list.nextSibling);
  list.parentNode.insertBefore(earned, extras.nextSibling);
  keys.className = "keys";
  keys.textContent = " Keys: J and K move, X ticks.";
  var rules = document.querySelector(".aipm .grading");
  if (rules) rules.appendChild(keys);
  document.addEventListener("keydown", press);
  show();
})();
