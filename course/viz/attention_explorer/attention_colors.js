// The colors of heads, as those of course.viz.attention_explorer.figures: four beside each other, or a layer's.

const LAYER_COLORS = 8; // as many as attention_explorer.css has; from the ninth head on, dashes tell heads apart
const DASHES = ["", "6 3", "2 2", "8 3 2 3"];

const colorOf = (number, overlaid) => (overlaid ? `lm-layer-${number % LAYER_COLORS}` : `lm-head-${number}`);
const dashesOf = (number, overlaid) => (overlaid ? DASHES[Math.floor(number / LAYER_COLORS) % DASHES.length] : "");
