(function () {
"use strict";
var root = document.documentElement, canvas = document.querySelector(".canvas"), table = document.getElementById("table");
var svg = canvas && canvas.querySelector("svg");
root.classList.add("js");

function make (name, text, parent) {
  var element = document.createElement(name);
  element.textContent = text;
  if (parent) parent.appendChild(element);
  return element;
}

/* ---- the picture: drag, Ctrl and wheel, buttons, keys ---- */
var view = null, whole = null;

function show () {
  svg.setAttribute("viewBox", view.x + " " + view.y + " " + view.w + " " + view.h);
}

/* A point of the picture stays where it is on the screen. */
function zoom (factor, px, py) {
  var box = svg.getBoundingClientRect();
  var scale = Math.max(view.w / box.width, view.h / box.height), next = Math.min(Math.max(scale * factor, 0.1), 40);
  var x = view.x + view.w / 2 + (px - box.width / 2) * scale, y = view.y + view.h / 2 + (py - box.height / 2) * scale;
  view.w = box.width * next;
  view.h = box.height * next;
  view.x = x - px * next;
  view.y = y - py * next;
  show();
}

function fit () {
  var box = svg.getBoundingClientRect(), scale = Math.max(whole.w / box.width, whole.h / box.height, 1);
  view.w = box.width * scale;
  view.h = box.height * scale;
  view.x = whole.x + (whole.w - view.w) / 2;
  view.y = whole.y + (whole.h - view.h) / 2;
  show();
}

/* In natural size, where something is to be seen. */
function center (card) {
  var box = svg.getBoundingClientRect(), at = card && card.getBBox(), scale = Math.min(Math.max(whole.w / box.width, 1), 1.25);
  view.w = box.width * scale;
  view.h = box.height * scale;
  view.x = at ? at.x + at.width / 2 - view.w / 2 : whole.x + (whole.w - view.w) / 2;
  view.y = at ? at.y + at.height / 2 - view.h / 2 : whole.y;
  show();
}

function setUpCanvas () {
  var base = svg.viewBox.baseVal, from = null, moved = false, tools = document.createElement("div");
  whole = {x: base.x, y: base.y, w: base.width, h: base.height};
  view = {x: whole.x, y: whole.y, w: whole.w, h: whole.h};
  if (whole.h < 600) canvas.style.height = Math.max(Math.min(whole.h, 600), 160) + "px";
  tools.className = "tools";
  canvas.appendChild(tools);
  [["−", "Zoom out", function () { step(1.25); }], ["+", "Zoom in", function () { step(0.8); }],
   ["Fit", "The whole graph", fit]].forEach(function (row) {
    var button = make("button", row[0], tools);
    button.type = "button";
    button.title = row[1];
    button.addEventListener("click", row[2]);
  });
  function step (factor) {
    zoom(factor, svg.clientWidth / 2, svg.clientHeight / 2);
  }
  canvas.addEventListener("wheel", function (event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    var box = svg.getBoundingClientRect();
    zoom(Math.exp(event.deltaY / 300), event.clientX - box.left, event.clientY - box.top);
  }, {passive: false});
  svg.addEventListener("pointerdown", function (event) {
    if (event.button !== 0) return;
    from = {x: event.clientX, y: event.clientY, vx: view.x, vy: view.y};
    moved = false;
  });
  window.addEventListener("pointermove", function (event) {
    if (!from) return;
    var scale = Math.max(view.w / svg.clientWidth, view.h / svg.clientHeight);
    moved = moved || Math.abs(event.clientX - from.x) + Math.abs(event.clientY - from.y) > 4;
    canvas.classList.toggle("drag", moved);
    view.x = from.vx - (event.clientX - from.x) * scale;
    view.y = from.vy - (event.clientY - from.y) * scale;
    if (moved) show();
  });
  window.addEventListener("pointerup", function () {
    from = null;
    canvas.classList.remove("drag");
  });
  svg.addEventListener("dragstart", function (event) { event.preventDefault(); });
  svg.addEventListener("click", function (event) {
    var card = event.target.closest(".card");
    if (event.target.closest("a")) event.preventDefault();
    if (!moved && card) select(card.id.slice(4), "row");
  });
  canvas.addEventListener("keydown", function (event) {
    var by = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key];
    if (event.target !== canvas) return;
    if (event.key === "+" || event.key === "-") step(event.key === "+" ? 0.8 : 1.25);
    else if (by) { view.x += by[0] * view.w / 8; view.y += by[1] * view.h / 8; show(); }
    else return;
    event.preventDefault();
  });
  window.addEventListener("beforeprint", function () { view = Object.assign({}, whole); show(); });
  window.addEventListener("resize", function () { zoom(1, 0, 0); });
  center(first());
}

/* The card that the page is about. */
function first () {
  var way = document.querySelector("#result .ways a");
  return way && document.getElementById(way.getAttribute("href").slice(1));
}

/* ---- rows and cards light up together ---- */
function select (card, go) {
  var at = document.getElementById("card" + card), rows = table ? table.querySelectorAll('tr[data-card="' + card + '"]') : [];
  document.querySelectorAll(".on").forEach(function (element) { element.classList.remove("on"); });
  rows.forEach(function (row) { row.classList.add("on"); });
  if (at) at.classList.add("on");
  if (at && svg && go !== "row") center(at);
  if (go === "row" && rows.length) rows[0].scrollIntoView({block: "nearest"});
  if (go === "card" && canvas) canvas.scrollIntoView({block: "nearest"});
}

document.addEventListener("click", function (event) {
  var link = event.target.closest("a[href^='#card'],a[href^='#row']"), row = event.target.closest("tr[data-card]");
  if (svg && svg.contains(event.target)) return;
  if (link) {
    var isRow = link.getAttribute("href").slice(0, 4) === "#row";
    event.preventDefault();
    select(link.getAttribute("href").replace(/^#[a-z]+/, ""), isRow ? "row" : "card");
  } else if (row && !String(window.getSelection()))
    select(row.getAttribute("data-card"), "");
});

/* ---- the table: sorting and filtering ---- */
/* The first column goes by the order of execution, which is the order of the page. */
function keyOf (row, column, at) {
  if (column === 0) return at;
  var text = row.cells[column].textContent.trim(), number = parseFloat(text.replace("Inf", "Infinity"));
  return row.cells[column].classList.contains("n") ? number : text;
}

function compare (a, b) {
  if (typeof a === "string") return a < b ? -1 : a > b ? 1 : 0;
  if (isNaN(a) || isNaN(b)) return isNaN(a) - isNaN(b);
  return a - b;
}

function setUpTable () {
  var body = table.tBodies[0], rows = Array.from(body.rows), heads = Array.from(table.tHead.rows[0].cells);
  var bar = document.createElement("div"), search = document.createElement("input"), boxes = [], count;
  var texts = rows.map(function (row) { return (row.cells[1].textContent + " " + row.cells[2].textContent).toLowerCase(); });
  function sort (column) {
    var head = heads[column], down = head.getAttribute("aria-sort") === "ascending";
    var keys = new Map(rows.map(function (row, at) { return [row, keyOf(row, column, at)]; }));
    heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    Array.from(body.rows).sort(function (a, b) {
      var x = keys.get(a), y = keys.get(b), blank = typeof x === "number" && (isNaN(x) || isNaN(y));
      return down && !blank ? compare(y, x) : compare(x, y);
    }).forEach(function (row) { body.appendChild(row); });
  }
  function filter () {
    var words = search.value.toLowerCase().split(/\s+/), n = 0;
    rows.forEach(function (row, i) {
      var good = words.every(function (word) { return texts[i].indexOf(word) >= 0; })
        && boxes.every(function (box) { return !box.checked || row.matches(box.value); });
      row.hidden = !good;
      n += good;
    });
    count.textContent = n === rows.length ? "" : n + " of " + rows.length + " rows";
  }
  function add (label, selector) {
    var holder = document.createElement("label"), box = document.createElement("input");
    if (!body.querySelector(selector)) return;
    box.type = "checkbox";
    box.value = selector;
    box.addEventListener("change", filter);
    holder.append(box, " " + label);
    bar.appendChild(holder);
    boxes.push(box);
  }
  bar.className = "filter";
  search.type = "search";
  search.placeholder = "Operator, node, value or type";
  search.setAttribute("aria-label", "Filter rows");
  search.addEventListener("input", filter);
  bar.appendChild(search);
  add("differ or inherit", "[data-verdict=differs],[data-verdict=inherited]");
  add("differ by themselves", "[data-verdict=differs]");
  add("NaN or infinity", "[data-bad]");
  count = make("span", "", bar);
  count.className = "faint";
  count.setAttribute("aria-live", "polite");
  table.parentNode.before(bar);
  heads.forEach(function (head, column) {
    head.tabIndex = 0;
    head.addEventListener("click", function () { sort(column); });
    head.addEventListener("keydown", function (event) { if (event.key === "Enter") sort(column); });
  });
}

if (svg) setUpCanvas();
if (table) setUpTable();
if (/^#(row|card)\d+$/.test(location.hash)) select(location.hash.replace(/^#[a-z]+/, ""), "card");
}());
