// The preview's page: a list of notes, and the cards of the one that is chosen, each side in a
// frame of its own that can run nothing but the scripts of our templates.
// What an author wrote reaches this page as text only; as HTML it reaches the frames alone.
(function () {
  "use strict";
  const ROW = 54; // pixels of a row, as app.css has it
  const byId = (id) => document.getElementById(id);
  const list = byId("list"), rows = byId("rows"), main = byId("main");
  const systemLook = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const START = { note: "", q: "", deck: "", kind: "", find: "", look: systemLook, size: "desktop" };

  let index = null; // index.json, the state that is shown
  let state = { ...START };
  let shown = []; // the entries that pass the filters
  let slices = new Map(); // the cards that were fetched, by the number of their slice
  let images = new Map(); // images as `data:` addresses, by name
  let place = ""; // the note that stands on the page, and how it is laid out
  let loads = 0; // how often index.json was asked for

  // --- the address: it keeps the place -----------------------------------------------------

  function readAddress() {
    const given = new URLSearchParams(location.hash.slice(1));
    for (const key of Object.keys(START)) state[key] = given.get(key) || START[key];
    if (!["light", "dark", "both"].includes(state.look)) state.look = START.look;
    if (!["desktop", "phone"].includes(state.size)) state.size = START.size;
  }
  // `step`: the browser's Back leads to where one is now.
  function writeAddress(step) {
    const kept = Object.entries(state).filter(([key, value]) => value !== START[key]);
    const address = "#" + new URLSearchParams(kept);
    try { history[step ? "pushState" : "replaceState"](null, "", address); } catch (e) { /* too often for this browser */ }
  }

  // --- fetching ----------------------------------------------------------------------------

  async function fetched(name) {
    const answer = await fetch(name, { cache: "no-cache" });
    if (!answer.ok) throw new Error(name + ": " + answer.status);
    return answer.json();
  }
  async function load() {
    const before = index, turn = ++loads;
    try {
      const newest = await fetched("index.json");
      if (turn !== loads) return; // a later one is on its way
      for (const entry of newest.entries) {
        entry.search = (entry.text + " " + (entry.tags || []).join(" ") + " " + entry.path + " " + (entry.deck || "")).toLowerCase();
      }
      index = newest;
      slices = new Map();
      say("");
    } catch (error) {
      if (turn !== loads) return;
      say(location.protocol === "file:"
        ? "A browser shows these files from a web server only. In their directory run: python3 -m http.server; then open http://localhost:8000/"
        : "The preview could not be fetched; is it still running?");
      return;
    }
    document.title = index.name + " – preview";
    byId("name").textContent = index.name;
    if (before) keepPlace(before.entries);
    fillFilters();
    filter();
    if (!before) reveal();
  }
  function keepPlace(before) { // a note whose id was changed is the new one that stands where it stood
    const known = (key, entries) => entries.find((entry) => entry.key === key);
    const gone = known(state.note, before);
    if (!gone || known(state.note, index.entries)) return;
    const there = index.entries.find((entry) => entry.path === gone.path && entry.line === gone.line);
    if (there && !known(there.key, before)) state.note = there.key;
  }
  function cardsOf(at) {
    const number = Math.floor(at / index.slice);
    if (!slices.has(number)) slices.set(number, fetched("cards/" + number + ".json"));
    return slices.get(number);
  }
  function image(name) {
    if (!images.has(name)) images.set(name, fetched("media/" + name + ".json"));
    return images.get(name);
  }
  function say(words) { byId("status").textContent = words; }

  // --- filters -----------------------------------------------------------------------------

  function fillFilters() {
    const decks = new Set(), kinds = new Set(), codes = new Map();
    for (const entry of index.entries) {
      const parts = (entry.deck || "").split("::");
      for (let depth = 1; entry.deck && depth <= parts.length; depth++) decks.add(parts.slice(0, depth).join("::"));
      kinds.add(entry.kind || entry.state);
      for (const code of new Set(entry.findings.map((finding) => finding.code))) codes.set(code, (codes.get(code) || 0) + 1);
    }
    const coded = [...codes].sort().map(([code, count]) => [code, code + " (" + count + ")"]);
    fill("deck", "All decks", [...decks].sort().map((deck) => [deck, deck]));
    fill("kind", "All kinds", [...kinds].sort().map((kind) => [kind, kind]));
    fill("find", "All notes", [["any", "With findings"], ["error", "With errors"], ["none", "Without findings"], ...coded]);
    byId("q").value = state.q;
  }
  function fill(id, all, options) {
    if (state[id] && !options.some(([value]) => value === state[id])) options.push([state[id], state[id] + " (0)"]);
    byId(id).replaceChildren(...[["", all], ...options].map(([value, words]) => new Option(words, value, false, value === state[id])));
  }
  function passes(entry, words) {
    const found = entry.findings;
    return (!state.deck || entry.deck === state.deck || (entry.deck || "").startsWith(state.deck + "::"))
      && (!state.kind || (entry.kind || entry.state) === state.kind)
      && (!state.find || (state.find === "any" ? found.length > 0
        : state.find === "none" ? !found.length
        : found.some((finding) => finding.code === state.find || finding.severity === state.find)))
      && words.every((word) => entry.search.includes(word));
  }
  function filter() {
    const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
    shown = [];
    index.entries.forEach((entry, at) => { if (passes(entry, words)) shown.push(at); });
    const notes = shown.filter((at) => index.entries[at].state !== "file").length;
    const findings = shown.reduce((sum, at) => sum + index.entries[at].findings.length, 0);
    byId("count").textContent = counted(notes, "note") + ", " + counted(findings, "finding");
    rows.style.height = shown.length * ROW + "px";
    if (!state.note && shown.length && innerWidth > 760) state.note = index.entries[shown[0]].key;
    paintRows();
    show();
  }
  function counted(number, what) { return number.toLocaleString("en") + " " + what + (number === 1 ? "" : "s"); }

  // --- the list: only the rows in sight are there --------------------------------------------

  function paintRows() {
    const first = Math.max(0, Math.floor(list.scrollTop / ROW) - 4);
    const last = Math.min(shown.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW) + 4);
    rows.replaceChildren(...shown.slice(first, last).map((at, offset) => row(index.entries[at], first + offset)));
    const chosen = rows.querySelector('[aria-selected="true"]');
    if (chosen) list.setAttribute("aria-activedescendant", chosen.id);
    else list.removeAttribute("aria-activedescendant");
  }
  function row(entry, position) {
    const line = element("div", "row" + (entry.state ? " bad" : ""));
    line.id = "row-" + position;
    line.style.top = position * ROW + "px";
    line.setAttribute("role", "option");
    line.setAttribute("aria-selected", String(entry.key === state.note));
    line.setAttribute("aria-setsize", shown.length);
    line.setAttribute("aria-posinset", position + 1);
    const about = element("span", "about");
    about.append(element("span", "", entry.state === "file" ? entry.findings[0].message : entry.state ? entry.path : entry.kind + " · " + entry.id));
    const errors = entry.findings.filter((finding) => finding.severity === "error").length;
    const warnings = entry.findings.length - errors;
    if (errors) about.append(element("span", "mark error", counted(errors, "error")));
    if (warnings) about.append(element("span", "mark warning", counted(warnings, "warning")));
    line.append(element("span", "", heading(entry)), about);
    line.addEventListener("click", () => choose(entry.key, true));
    return line;
  }
  function heading(entry) {
    if (entry.state === "file") return entry.path;
    return entry.title || (entry.id ? entry.id + " (left out)" : "A note that was left out");
  }
  function element(tag, class_, words) {
    const made = document.createElement(tag);
    if (class_) made.className = class_;
    if (words !== undefined) made.textContent = words;
    return made;
  }
  function choose(key, step) {
    const another = key !== state.note;
    state.note = key;
    if (step && another) writeAddress(true);
    reveal();
    paintRows();
    show();
  }
  function reveal() {
    const top = shown.findIndex((at) => index.entries[at].key === state.note) * ROW;
    if (top < 0) return;
    const above = list.scrollTop - top, below = top + ROW - list.scrollTop - list.clientHeight;
    if (Math.max(above, below) > 2 * ROW) list.scrollTop = top - (list.clientHeight - ROW) / 2; // from afar
    else if (above > 0) list.scrollTop = top;
    else if (below > 0) list.scrollTop += below;
  }
  function move(steps) {
    if (!shown.length) return;
    const position = shown.findIndex((at) => index.entries[at].key === state.note);
    const to = position < 0 ? 0 : Math.min(Math.max(position + steps, 0), shown.length - 1);
    choose(index.entries[shown[to]].key);
  }

  // --- the note ------------------------------------------------------------------------------

  async function show() {
    writeAddress();
    document.body.classList.toggle("reading", Boolean(state.note));
    byId("cards").className = state.size;
    for (const name of ["look", "size"]) document.querySelector(`input[name=${name}][value=${state[name]}]`).checked = true;
    const at = index.entries.findIndex((entry) => entry.key === state.note);
    const position = shown.indexOf(at);
    byId("previous").disabled = position === 0 || !shown.length;
    byId("next").disabled = position === shown.length - 1 || !shown.length;
    if (at < 0) {
      showAbout({ title: state.note ? "There is no note " + state.note + " now" : "No note chosen", findings: [] });
      showCards([], "", "");
      return;
    }
    const entry = index.entries[at];
    showAbout(entry);
    const of = index;
    let slice, drawn;
    try {
      slice = (await cardsOf(at))[entry.key] || { cards: [], images: [], source: "" };
      drawn = new Map(await Promise.all(slice.images.map(async (name) => [name, await image(name)])));
    } catch (error) {
      slices = new Map();
      images = new Map();
      if (of === index) say("The cards could not be fetched; is the preview still running?");
      return;
    }
    if (of !== index || state.note !== entry.key) return; // something else was chosen meanwhile
    showCards(slice.cards, slice.source, entry.state || "", drawn);
  }
  function showAbout(entry) {
    byId("title").textContent = heading(entry);
    const where = entry.path ? element("code", "", entry.path + ":" + entry.line) : "";
    const about = entry.state || !entry.path ? "" : [entry.id, entry.kind, entry.deck, "tier " + entry.tier, ...entry.tags].join(" · ") + " · ";
    byId("place").replaceChildren(about, where);
    byId("findings").replaceChildren(...reasons(entry).map((finding) => {
      const item = element("li", finding.severity), line = element("p");
      line.append(element("span", "code", finding.severity + " " + finding.code), " " + finding.message + " ",
        element("span", "where", entry.path + ":" + finding.line + ":" + finding.column));
      item.append(line);
      if (finding.excerpt.trim()) item.append(element("pre", "", finding.excerpt.trim()));
      if (finding.hint) item.append(element("p", "hint", finding.hint));
      return item;
    }));
  }
  // A note without a fault of its own is left out because of one in its file.
  function reasons(entry) {
    if (entry.state !== "left out" || entry.findings.length) return entry.findings;
    return index.entries.filter((each) => each.state === "file" && each.path === entry.path).flatMap((each) => each.findings);
  }
  function showCards(cards, source, leftOut, drawn) {
    const looks = state.look === "both" ? ["light", "dark"] : [state.look];
    const layout = [state.note, state.look, state.size, cards.map((card) => card.ordinal)].join();
    const written = byId("written");
    byId("source").textContent = source;
    written.hidden = !source;
    if (leftOut) written.open = true;
    if (layout !== place) {
      if (!place.startsWith(state.note + ",")) {
        main.scrollTop = 0;
        written.open = Boolean(leftOut);
      }
      byId("cards").replaceChildren(...cards.map((card) => cardSection(card, looks)));
      place = layout;
    }
    for (const frame of byId("cards").querySelectorAll("iframe")) {
      const card = cards.find((each) => String(each.ordinal) === frame.dataset.ordinal);
      const page = framePage(card, frame.dataset.side, frame.dataset.look, drawn);
      if (frame.srcdoc !== page) frame.srcdoc = page; // what did not change stays: ticks, clocks
    }
  }
  function cardSection(card, looks) {
    const section = element("section", "card");
    section.append(element("h3", "", "Card " + (card.ordinal + 1) + " · " + card.name));
    for (const look of looks) {
      const faces = element("div", "faces");
      for (const side of ["front", "back"]) {
        const frame = element("iframe", look);
        Object.assign(frame.dataset, { ordinal: card.ordinal, side, look });
        frame.title = "Card " + (card.ordinal + 1) + ", " + side + ", " + look;
        frame.setAttribute("sandbox", "allow-scripts allow-popups allow-popups-to-escape-sandbox");
        frame.setAttribute("referrerpolicy", "no-referrer");
        faces.append(frame);
      }
      section.append(faces);
    }
    return section;
  }
  function framePage(card, side, look, drawn) {
    let html = card[side];
    // A quote in an author's text is `&quot;`: these can only be the images of our own printer.
    for (const [name, data] of drawn) html = html.replaceAll(`<img src="${name}"`, `<img src="${data}"`);
    const night = look === "dark" ? " nightMode night_mode" : "";
    const phone = state.size === "phone" ? ' class="mobile"' : "";
    return `<!doctype html><html${phone}><head><meta charset="utf-8">`
      + `<meta http-equiv="Content-Security-Policy" content="${index.policy}">`
      + '<meta name="referrer" content="no-referrer"><base target="_blank">'
      + `<style>${index.style}</style></head><body class="card card${card.ordinal + 1}${night}">`
      + `<div id="qa">${html}</div><script>${index.script}</script></body></html>`;
  }

  // --- what a person does ----------------------------------------------------------------------

  for (const id of ["deck", "kind", "find"]) byId(id).addEventListener("change", (event) => { state[id] = event.target.value; filter(); });
  byId("q").addEventListener("input", (event) => { state.q = event.target.value; list.scrollTop = 0; filter(); });
  for (const input of document.querySelectorAll("fieldset input")) {
    input.addEventListener("change", () => { state[input.name] = input.value; show(); });
  }
  byId("previous").addEventListener("click", () => move(-1));
  byId("next").addEventListener("click", () => move(1));
  byId("back").addEventListener("click", () => { choose("", true); list.focus(); });
  list.addEventListener("scroll", paintRows);
  addEventListener("resize", () => { if (index) paintRows(); });
  addEventListener("hashchange", () => { readAddress(); if (index) { fillFilters(); filter(); reveal(); } });
  function press(key) {
    if (key === "j" || key === "ArrowRight") move(1);
    else if (key === "k" || key === "ArrowLeft") move(-1);
    else if (key === "/") byId("q").focus();
    else return false;
    return true;
  }
  addEventListener("keydown", (event) => {
    if (!index || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.matches("input[type=search], select")) {
      if (event.key === "Escape" || (event.key === "Enter" && event.target.id === "q")) list.focus();
      return;
    }
    if (event.target.matches("input") && event.key.startsWith("Arrow")) return; // they choose among the buttons
    const inList = document.activeElement === list && { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -1e9, End: 1e9 }[event.key];
    if (inList) move(inList);
    if (inList || press(event.key)) event.preventDefault();
  });
  addEventListener("message", (event) => {
    const frame = [...document.querySelectorAll("iframe")].find((each) => each.contentWindow === event.source);
    if (!frame || typeof event.data !== "object" || !event.data) return;
    const height = event.data.height;
    if (Number.isFinite(height)) frame.style.height = Math.min(Math.max(height, 40), 30000) + 2 + "px";
    else if (index && typeof event.data.key === "string") press(event.data.key);
  });

  // A page out of sight does not listen: a browser keeps six connections to a place, for all its tabs.
  function listen() {
    let events = null;
    function hear() {
      if (events) events.close();
      events = document.hidden ? null : new EventSource("events");
      if (!events) return;
      events.onmessage = (event) => { say(""); if (event.data !== index.version) load(); };
      events.onerror = () => say("The preview is not running any more; this is what it showed last.");
    }
    document.addEventListener("visibilitychange", hear);
    hear();
  }
  readAddress();
  load().then(() => { if (index && index.live) listen(); });
})();
