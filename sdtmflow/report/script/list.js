// The list of findings: only the rows in sight are in the document, however many there are.
const ROW = 52; // pixels; the style sheet gives every row this height
const SPARE = 8; // rows above and below what is in sight
const PRINTED = 1000; // a longer list is for the workbook, not for paper

const CELLS = {
  severity: (table, row) => chip(table.text("severity", row)),
  status: (table, row) => element("span", table.text("status", row), `state ${table.text("status", row)}`),
  site: (table, row) => document.createTextNode(table.text("site", row) || "study"),
  rule: (table, row) => broken(table.text("rule", row)),
  dataset: (table, row) => broken([table.text("dataset", row), table.text("variable", row)].filter(Boolean).join(".")),
};

function chip(severity) {
  return element("span", severity, `chip ${severity}`);
}

// A long name breaks after an underscore, not in the middle of a word.
function broken(name) {
  const parts = document.createDocumentFragment();
  name.split(/(?<=[_.])/).forEach((part, at) => parts.append(...(at ? [document.createElement("wbr"), part] : [part])));
  return parts;
}

class List {
  constructor(table, view, detailOf) {
    Object.assign(this, { table, view, detailOf, rows: [], open: -1, current: 0, openHeight: 0 });
    this.frame = document.querySelector(".list");
    this.grid = this.frame.querySelector("table");
    this.body = this.grid.tBodies[0];
    this.names = [...this.grid.tHead.rows[0].cells].map((head) => head.dataset.column);
    this.frame.addEventListener("scroll", () => this.draw(), { passive: true });
    new ResizeObserver(() => this.draw()).observe(this.frame);
    this.body.addEventListener("click", (event) => this.clicked(event));
    this.body.addEventListener("keydown", (event) => this.pressed(event));
    window.addEventListener("beforeprint", () => this.print());
    window.addEventListener("afterprint", () => this.draw());
  }

  // Another list; a finding that was open stays open where it is still in it.
  show(rows) {
    this.rows = rows;
    this.current = 0;
    this.place = this.open < 0 ? -1 : rows.indexOf(this.open);
    if (this.place < 0) this.open = -1;
    this.grid.setAttribute("aria-rowcount", rows.length + 1);
    this.frame.scrollTop = 0;
    this.draw();
  }

  // Columns in sight: a narrow window shows fewer, and a cell that spans more would make room for them.
  get span() {
    return [...this.grid.tHead.rows[0].cells].filter((head) => head.offsetWidth).length;
  }

  get height() {
    return this.grid.tHead.offsetHeight;
  }

  // Where the row at a place of the list begins, in pixels from the first.
  top(place) {
    return place * ROW + (this.place >= 0 && place > this.place ? this.openHeight : 0);
  }

  // Which place of the list is at a height.
  at(pixels) {
    if (this.place < 0 || pixels < (this.place + 1) * ROW) return Math.floor(pixels / ROW);
    return Math.max(this.place, Math.floor((pixels - this.openHeight) / ROW));
  }

  draw() {
    const above = this.frame.scrollTop;
    const first = Math.max(0, this.at(above) - SPARE);
    const last = Math.min(this.rows.length, this.at(above + this.frame.clientHeight) + SPARE);
    const focused = this.body.contains(document.activeElement);
    this.fill(first, last);
    const detail = this.body.querySelector(".detail");
    if (detail && detail.offsetHeight !== this.openHeight) this.openHeight = detail.offsetHeight;
    if (focused) (this.body.querySelector(".open[tabindex='0']") ?? this.frame).focus({ preventScroll: true });
  }

  fill(first, last) {
    this.current = Math.min(this.current, Math.max(0, this.rows.length - 1));
    const inSight = this.current >= first && this.current < last;
    const lines = [];
    for (let place = first; place < last; place += 1) {
      const reached = place === (inSight ? this.current : first);
      lines.push(this.line(place, reached));
      if (place === this.place) lines.push(this.detailLine());
    }
    if (!this.rows.length) lines.push(this.message("No finding fits these filters."));
    this.body.replaceChildren(this.gap(this.top(first)), ...lines, this.gap(this.top(this.rows.length) - this.top(last)));
  }

  gap(pixels) {
    const line = element("tr", undefined, "gap");
    line.setAttribute("aria-hidden", "true");
    line.style.height = `${pixels}px`;
    line.hidden = pixels <= 0;
    return line;
  }

  message(text) {
    const cell = element("td", text, "soft");
    cell.colSpan = this.span;
    const line = element("tr");
    line.append(cell);
    return line;
  }

  line(place, reached) {
    const row = this.rows[place];
    const line = element("tr", undefined, "row");
    line.setAttribute("aria-rowindex", place + 2);
    line.dataset.place = place;
    this.names.forEach((name, at) => {
      const cell = element("td", undefined, name);
      const held = at ? element("div") : this.opener(row, place === this.place, reached);
      held.append(CELLS[name] ? CELLS[name](this.table, row) : this.table.text(name, row));
      cell.append(held);
      line.append(cell);
    });
    return line;
  }

  opener(row, open, reached) {
    const opener = button(undefined, "open");
    opener.setAttribute("aria-expanded", String(open));
    opener.setAttribute("aria-label", `Details: ${this.table.text("severity", row)} ${this.table.text("rule", row)} ${this.table.text("subject", row)}`);
    opener.tabIndex = reached ? 0 : -1;
    return opener;
  }

  // Made once for as long as it is open, so that what is read in it stays where it is.
  detailLine() {
    if (this.drawn?.row === this.open) {
      this.drawn.line.cells[0].colSpan = this.span;
      return this.drawn.line;
    }
    const line = element("tr", undefined, "detail");
    const cell = element("td");
    cell.colSpan = this.span;
    cell.append(this.detailOf(this.open, () => this.draw()));
    line.append(cell);
    this.drawn = { row: this.open, line };
    return line;
  }

  clicked(event) {
    const line = event.target.closest("tr.row");
    if (!line || String(window.getSelection())) return; // the reader is marking text
    this.toggle(Number(line.dataset.place));
  }

  toggle(place) {
    const opens = place !== this.place;
    const shift = opens && this.place >= 0 && place > this.place ? this.openHeight : 0;
    this.place = opens ? place : -1;
    this.open = opens ? this.rows[place] : -1;
    this.current = place;
    this.openHeight = 0;
    this.frame.scrollTop -= shift; // what was open above is closed: the row stays where it is
    this.draw();
    this.draw(); // with the height that the first time has shown
    this.body.querySelector(".open[tabindex='0']")?.focus({ preventScroll: true });
    this.onOpen?.();
  }

  pressed(event) {
    if (event.key === "Escape" && this.place >= 0) {
      this.toggle(this.place);
      event.preventDefault();
    }
    if (!event.target.matches(".open")) return;
    const page = Math.max(1, Math.floor((this.frame.clientHeight - this.height) / ROW) - 1);
    const to = { ArrowDown: this.current + 1, ArrowUp: this.current - 1, PageDown: this.current + page,
      PageUp: this.current - page, Home: 0, End: this.rows.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.go(Math.max(0, Math.min(to, this.rows.length - 1)));
  }

  go(place) {
    this.current = place;
    const top = this.top(place);
    const sight = this.frame.clientHeight - this.height;
    if (top < this.frame.scrollTop) this.frame.scrollTop = top;
    else if (top + ROW > this.frame.scrollTop + sight) this.frame.scrollTop = top + ROW - sight;
    this.draw();
    this.body.querySelector(".open[tabindex='0']")?.focus({ preventScroll: true });
  }

  print() {
    this.fill(0, Math.min(this.rows.length, PRINTED));
    if (this.rows.length > PRINTED) {
      this.body.append(this.message(`The first ${number(PRINTED)} of ${number(this.rows.length)} findings; the workbook holds them all.`));
    }
    for (const gap of this.body.querySelectorAll(".gap")) gap.hidden = true;
  }
}
