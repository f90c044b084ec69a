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
  var boxes = [], late = false;
  try {
    late = sessionStorage.getItem("aipm-clock:" + document.querySelector(".aipm .id").textContent) === "late";
  } catch (e) { /* private mode: the learner ticks it */ }
  function box(into, html, checked) {
    var label = document.createElement("label"), input = document.createElement("input");
    input.type = "checkbox";
    input.checked = checked;
    label.innerHTML = "<span>" + html + "</span>";
    label.insertBefore(input, label.firstChild);
    label.onclick = function (event) { event.stopPropagation(); };
    input.onchange = show;
    into.appendChild(label);
    return input;
  }
  list.classList.add("live");
  list.querySelectorAll("li").forEach(function (item) {
    var html = item.innerHTML + (item.classList.contains("must") ? ' <small class="must">must</small>' : "");
    item.innerHTML = "";
    boxes.push({ must: item.classList.contains("must"), input: box(item, html, false) });
  });
  var after = document.createElement("div"), earned = document.createElement("p");
  earned.className = "earned";
  earned.setAttribute("aria-live", "polite");
  var slow = box(after, "Over time, or with a hint", late);
  var fresh = box(after, "I would say it the same way tomorrow, with a fresh example", false);
  after.className = "extras";
  list.parentNode.insertBefore(after, list.nextSibling);
  after.parentNode.insertBefore(earned, after.nextSibling);
  function show() {
    var ticked = boxes.filter(function (b) { return b.input.checked; }).length;
    var missing = boxes.some(function (b) { return b.must && !b.input.checked; });
    var pass = Number(list.getAttribute("data-pass"));
    earned.textContent = ticked + " of " + boxes.length + " points: " +
      aipmRating(ticked, missing, pass, slow.checked, fresh.checked);
  }
  show();
})();
