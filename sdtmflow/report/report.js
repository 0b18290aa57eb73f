"use strict";
// The findings table: filter, search, sort and page over columns of codes. Values reach the page as
// text nodes only. 100,000 findings filter in a few milliseconds, because a search tests each
// distinct text once.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const table = document.querySelector("table.findings");
  if (!table) return;
  const form = document.querySelector("form.filters");
  const body = table.tBodies[0];
  const status = document.querySelector(".status");
  const pager = document.querySelector(".pager");
  const FILTERS = ["severity", "site", "dataset", "rule", "stage"];
  const SEARCHED = ["rule", "site", "subject", "visit", "dataset", "record_key", "variable", "value",
    "message", "query", "file", "fingerprint"];
  const RANK = { critical: 0, major: 1, minor: 2 };
  const state = { rows: [], page: 0, sort: "", descending: false };

  const number = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f");
  const value = (name, row) => {
    const column = data.columns[name];
    return column.values[column.codes ? column.codes[row] : row];
  };
  const compare = (name) => (a, b) => name === "severity" ? RANK[a] - RANK[b]
    : typeof a === "number" ? a - b
    : a.localeCompare(b, "en", { numeric: true });

  // A column's test of a row: a look-up by code where the column has codes.
  function test(name, passes) {
    const { values, codes } = data.columns[name];
    const passing = values.map(passes);
    return codes ? (row) => passing[codes[row]] : (row) => passing[row];
  }

  function chosen() {
    const tests = [];
    for (const name of FILTERS) {
      const wanted = form.elements[name].value;
      if (wanted !== "*") tests.push(test(name, (text) => text === wanted));
    }
    for (const word of form.elements.search.value.toLowerCase().split(/\s+/).filter(Boolean)) {
      const found = SEARCHED.map((name) => test(name, (text) => text.toLowerCase().includes(word)));
      tests.push((row) => found.some((has) => has(row)));
    }
    return tests;
  }

  function apply() {
    const tests = chosen();
    const rows = [];
    for (let row = 0; row < data.rows; row += 1) {
      if (tests.every((passes) => passes(row))) rows.push(row);
    }
    state.rows = rows;
    state.page = 0;
    arrange();
    remember();
    show();
  }

  function arrange() {
    if (!state.sort) return;
    const { values, codes } = data.columns[state.sort];
    const order = compare(state.sort);
    const distinct = values.map((_, at) => at).sort((a, b) => order(values[a], values[b]));
    const rank = new Uint32Array(values.length);
    distinct.forEach((at, place) => { rank[at] = place && order(values[distinct[place - 1]], values[at]) === 0 ? rank[distinct[place - 1]] : place; });
    const key = codes ? (row) => rank[codes[row]] : (row) => rank[row];
    const sign = state.descending ? -1 : 1;
    state.rows.sort((a, b) => sign * (key(a) - key(b)) || a - b);
  }

  function element(tag, text, kind) {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (kind) made.className = kind;
    return made;
  }

  // A long name breaks after an underscore, not in the middle of a word.
  function named(name) {
    const cell = element("td");
    name.split(/(?<=[_.])/).forEach((part, number) =>
      cell.append(...(number ? [document.createElement("wbr"), part] : [part])));
    return cell;
  }

  function rowOf(row) {
    const line = element("tr", undefined, "row");
    const severity = element("td");
    const open = element("button", undefined, "open");
    open.type = "button";
    open.setAttribute("aria-expanded", "false");
    open.setAttribute("aria-label", `Details: ${value("severity", row)} ${value("rule", row)}`);
    open.append(element("span", value("severity", row), `chip ${value("severity", row)}`));
    severity.append(open);
    const where = [value("dataset", row), value("variable", row)].filter(Boolean).join(".");
    line.append(severity, named(value("rule", row)), element("td", value("site", row) || "study"),
      element("td", value("subject", row)), element("td", value("visit", row)), named(where),
      element("td", value("value", row), "value"), element("td", value("message", row)));
    line.addEventListener("click", () => toggle(line, open, row));
    return line;
  }

  function toggle(line, open, row) {
    if (String(window.getSelection())) return; // the reader is marking text
    const expanded = open.getAttribute("aria-expanded") === "true";
    open.setAttribute("aria-expanded", String(!expanded));
    if (expanded) line.nextSibling.remove();
    else line.after(detailOf(row));
  }

  function detailOf(row) {
    const line = element("tr", undefined, "detail");
    const cell = element("td");
    const list = element("dl");
    const place = value("row", row) ? `${value("file", row)}, record ${value("row", row)}` : value("file", row);
    const parts = [["Record", value("record_key", row)], ["Stage", value("stage", row)], ["Source", place],
      ["Query to the site", value("query", row), "query"], ["Finding", value("fingerprint", row)]];
    for (const [name, text, kind] of parts) {
      if (text) list.append(element("dt", name), element("dd", text, kind));
    }
    cell.colSpan = 8;
    cell.append(list);
    line.append(cell);
    return line;
  }

  function show() {
    const size = Number(pager.querySelector("select").value);
    const pages = Math.max(1, Math.ceil(state.rows.length / size));
    state.page = Math.min(state.page, pages - 1);
    const first = state.page * size;
    const shown = state.rows.slice(first, first + size);
    body.replaceChildren(...shown.map(rowOf));
    if (!shown.length) {
      const cell = element("td", "No finding fits these filters.", "soft");
      cell.colSpan = 8;
      const line = element("tr");
      line.append(cell);
      body.append(line);
    }
    status.textContent = state.rows.length === data.rows ? `${number(data.rows)} findings`
      : `${number(state.rows.length)} of ${number(data.rows)} findings`;
    pager.querySelector(".where").textContent = shown.length
      ? `${number(first + 1)}–${number(first + shown.length)} of ${number(state.rows.length)}` : "";
    pager.querySelector("[data-page=previous]").disabled = state.page === 0;
    pager.querySelector("[data-page=next]").disabled = state.page >= pages - 1;
  }

  // The filters stand in the address, so that a view can be linked to and survives a reload.
  function remember() {
    const kept = new URLSearchParams();
    for (const name of ["search", ...FILTERS]) {
      const wanted = form.elements[name].value;
      if (wanted !== "*" && !(name === "search" && !wanted)) kept.set(name, wanted);
    }
    const text = kept.toString();
    try { history.replaceState(null, "", text ? `#?${text}` : location.pathname + location.search); } catch { /* a sandboxed frame has no history */ }
  }

  function recall() {
    if (!location.hash.startsWith("#?")) return;
    for (const [name, wanted] of new URLSearchParams(location.hash.slice(2))) {
      if (form.elements[name]) form.elements[name].value = wanted;
    }
  }

  function fill(name) {
    const present = [...new Set(data.columns[name].values)].sort(compare(name));
    for (const text of present) {
      const option = element("option", text || (name === "site" ? "study" : "—"));
      option.value = text;
      form.elements[name].append(option);
    }
  }

  let waiting = 0;
  FILTERS.forEach(fill);
  recall();
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", apply);
  form.addEventListener("reset", () => setTimeout(apply));
  form.elements.search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(apply, 120); });
  pager.querySelector("select").addEventListener("change", () => { state.page = 0; show(); });
  pager.addEventListener("click", (event) => {
    const turn = event.target.dataset.page;
    if (!turn) return;
    state.page += turn === "next" ? 1 : -1;
    show();
  });
  table.tHead.addEventListener("click", (event) => {
    const name = event.target.dataset.sort;
    if (!name) return;
    state.descending = state.sort === name && !state.descending;
    state.sort = name;
    for (const head of table.tHead.rows[0].cells) head.setAttribute("aria-sort", "none");
    event.target.closest("th").setAttribute("aria-sort", state.descending ? "descending" : "ascending");
    arrange();
    state.page = 0;
    show();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-filter-rule], [data-filter-site]");
    if (!button) return;
    form.reset();
    for (const name of FILTERS) {
      const wanted = button.getAttribute(`data-filter-${name}`);
      if (wanted !== null) form.elements[name].value = wanted;
    }
    setTimeout(() => { apply(); document.getElementById("findings").scrollIntoView(); });
  });
  apply();
})();
