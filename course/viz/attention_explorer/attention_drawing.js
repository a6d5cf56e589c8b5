// What the drawings of attention share. Python puts this file in front of theirs.

const SVG = "http://www.w3.org/2000/svg";

function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

function makeShape(tag, attributes) {
  const shape = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, value);
  return shape;
}

const clamp = (low, value, high) => Math.max(low, Math.min(value, high));
const percent = (weight) => (weight > 0 && weight < 0.005 ? "<1%" : `${Math.round(100 * weight)}%`);
const filled = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);
// Right-to-left text between isolates, so that in a sentence it turns nothing beside it: course.viz.kit.text.isolated.
const TURNED = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const isolated = (text) => (TURNED.test(text) ? `\u2068${text}\u2069` : text);
const plain = (event) => !event.ctrlKey && !event.metaKey && !event.altKey;
const bytesOf = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

// The pixel of each shade (0 to 255) of one hue, as canvases store it.
const PIXELS = new Uint32Array(new Uint8ClampedArray(1024).map((_, i) => [0, 114, 178, i >> 2][i % 4]).buffer);

// A picture in one hue, as many pixels as there are shades; CSS makes it large.
function paint(canvas, rows, columns, shade) {
  if (canvas.width !== columns || canvas.height !== rows) [canvas.width, canvas.height] = [columns, rows];
  const pixels = new ImageData(columns, rows);
  const words = new Uint32Array(pixels.data.buffer);
  for (let i = 0; i < words.length; i++) words[i] = PIXELS[Math.round(shade(i))];
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}

const ARROWS = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] };
