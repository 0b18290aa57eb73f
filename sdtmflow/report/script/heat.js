// The heat map by keyboard: one stop for Tab, the arrows go from number to number.
class Heat {
  constructor(table) {
    if (!table) return;
    this.table = table;
    this.buttons = [...table.querySelectorAll("tbody button")];
    this.buttons.forEach((each, at) => { each.tabIndex = at ? -1 : 0; });
    table.addEventListener("keydown", (event) => this.pressed(event));
    table.addEventListener("focusin", (event) => this.reached(event.target));
    table.addEventListener("pointerover", (event) => this.reached(event.target, false));
  }

  reached(target, stop = true) {
    if (!target.matches("tbody button")) return;
    target.title ||= described(target, this.table);
    target.setAttribute("aria-label", target.title);
    if (!stop) return;
    for (const each of this.buttons) each.tabIndex = each === target ? 0 : -1;
  }

  pressed(event) {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0],
      Home: [0, -Infinity], End: [0, Infinity] }[event.key];
    if (!step || !event.target.matches("tbody button")) return;
    event.preventDefault();
    this.next(event.target.closest("td"), ...step)?.focus();
  }

  // The nearest number in the direction; a cell without one is passed over.
  next(cell, down, across) {
    const lines = [...this.table.tBodies[0].rows];
    const numbers = (line) => [...line.cells].filter((each) => each.querySelector("button"));
    if (down) {
      for (let at = lines.indexOf(cell.parentNode) + down; lines[at]; at += down) {
        const below = lines[at].cells[cell.cellIndex].querySelector("button");
        if (below) return below;
      }
      return null;
    }
    const line = numbers(cell.parentNode);
    const at = Math.max(0, Math.min(line.indexOf(cell) + across, line.length - 1));
    return line[at].querySelector("button");
  }
}

// What a number stands for: its own words, or its row's and its column's.
function shownBy(chosen) {
  if (chosen.dataset.show) return chosen.dataset.show;
  const cell = chosen.closest("td");
  const head = chosen.closest("table").tHead.rows[0].cells[cell.cellIndex].dataset.show;
  return [cell.parentNode.dataset.show, head].filter(Boolean).join("&");
}

function described(chosen, table) {
  const [rule, dataset] = ["rule", "dataset"].map((name) => new URLSearchParams(chosen.closest("tr").dataset.show).get(name));
  const column = table.tHead.rows[0].cells[chosen.closest("td").cellIndex].textContent.trim();
  const site = { study: "no site", All: "all sites" }[column] ?? `site ${column}`;
  return `${[rule, dataset, site].filter(Boolean).join(", ")}: ${chosen.textContent} findings`;
}
