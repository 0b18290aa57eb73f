"use strict";
// Tables inside the page (packing.py says how): unpacked by the browser itself, read by column.
const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

class Column {
  constructor({ name, texts, lengths, codes }, body) {
    this.name = name;
    this.bytes = body.subarray(texts[0], texts[0] + texts[1]);
    this.codes = codes && numbersOf(body, codes);
    const each = numbersOf(body, lengths);
    this.starts = new Uint32Array(each.length + 1);
    for (let at = 0; at < each.length; at += 1) this.starts[at + 1] = this.starts[at] + each[at];
    this.all = cached(() => this.decoded());
  }

  // Every distinct text (or every row's, where the column has no codes).
  get values() {
    return this.all();
  }

  text(row) {
    const at = this.codes ? this.codes[row] : row;
    return DECODER.decode(this.bytes.subarray(this.starts[at], this.starts[at + 1]));
  }

  decoded() {
    const { bytes, starts } = this;
    const whole = DECODER.decode(bytes);
    const plain = whole.length === bytes.length; // one byte a character
    const values = new Array(starts.length - 1);
    for (let at = 0; at < values.length; at += 1) {
      values[at] = plain ? whole.slice(starts[at], starts[at + 1]) : DECODER.decode(bytes.subarray(starts[at], starts[at + 1]));
    }
    return values;
  }
}

function numbersOf(body, [at, length, width]) {
  const kind = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array }[width];
  return new kind(body.buffer, body.byteOffset + at, length);
}

class Table {
  constructor(bytes) {
    const length = new DataView(bytes.buffer).getUint32(0, true);
    const head = JSON.parse(DECODER.decode(bytes.subarray(4, 4 + length)));
    const body = bytes.subarray(4 + length);
    this.rows = head.rows;
    this.columns = new Map(head.columns.map((column) => [column.name, new Column(column, body)]));
  }

  static async of(id) {
    const packed = bytesOf(document.getElementById(id).textContent);
    const plain = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Table(new Uint8Array(await new Response(plain).arrayBuffer()));
  }

  has(name) {
    return this.columns.has(name);
  }

  text(name, row) {
    return this.columns.get(name).text(row);
  }
}

function bytesOf(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}

function cached(make) {
  let made;
  return () => (made ??= make());
}

function number(n) {
  return String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

function counted(n, one) {
  return `${number(n)} ${one}${n === 1 ? "" : "s"}`;
}

// Values reach the page as text nodes only.
function element(tag, text, kind) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

function button(text, kind, does) {
  const made = element("button", text, kind);
  made.type = "button";
  if (does) made.addEventListener("click", does);
  return made;
}
