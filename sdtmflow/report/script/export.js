// The list as it is filtered, for a spreadsheet: as a file, or on the clipboard.
const EXPORTED = [["Severity", "severity"], ["Status", "status"], ["Rule", "rule"], ["Stage", "stage"], ["Site", "site"],
  ["Subject", "subject"], ["Visit", "visit"], ["Dataset", "dataset"], ["Variable", "variable"], ["Value", "value"],
  ["Message", "message"], ["Query to the site", "query"], ["Record", "record_key"], ["File", "file"], ["Row", "row"],
  ["Finding", "fingerprint"]];

// A spreadsheet runs what begins like a formula; a number is none.
function harmless(text) {
  return /^[=+\-@\t\r]/.test(text) && !/^[+-]?\d+([.,]\d+)?$/.test(text) ? `'${text}` : text;
}

function quoted(text) {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function linesOf(table, rows, between, shown) {
  const columns = EXPORTED.filter(([, name]) => table.has(name));
  const lines = [columns.map(([head]) => head).join(between)];
  for (const row of rows) lines.push(columns.map(([, name]) => shown(harmless(table.text(name, row)))).join(between));
  return lines;
}

function saveCsv(table, rows, name) {
  // Excel takes a file for UTF-8 only where it says so.
  const text = `\ufeff${linesOf(table, rows, ",", quoted).join("\r\n")}\r\n`;
  const link = element("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch { // no permission, or an old browser
    const area = element("textarea", text, "quiet");
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

function copyRows(table, rows) {
  return copy(linesOf(table, rows, "\t", (text) => text.replace(/[\t\r\n]+/g, " ")).join("\n"));
}
