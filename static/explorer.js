// Moves a model's page along all thresholds: the form carries the numbers of each, see
// portal/exploration.py. When the slider rests, the server's own words take their place.
(function () {
  "use strict";

  var REST = 300; // milliseconds without a change after which the words are asked for
  var Z2 = 1.959964 * 1.959964; // as in models/wilson.py
  var TEXT = {}; // number formats by their decimals

  var form = document.querySelector("[data-explorer][data-points]");
  if (!form) return;
  var data = JSON.parse(form.dataset.points);
  var slider = form.querySelector("#slider");
  var threshold = form.querySelector("#threshold");
  var prevalence = form.querySelector("#prevalence");
  var timer = null;
  var asked = 0;

  function all(selector, root) {
    return Array.prototype.slice.call((root || document).querySelectorAll(selector));
  }

  // Numbers are rounded as portal/figures/numbers.py rounds them: a tie goes to the even digit.
  function decimals(value, places) {
    TEXT[places] = TEXT[places] || new Intl.NumberFormat("en", {
      minimumFractionDigits: places,
      maximumFractionDigits: places,
      roundingMode: "halfEven",
      useGrouping: false
    });
    return TEXT[places].format(value);
  }

  function even(value) {
    return Number(decimals(value, 0));
  }

  function write(selector, text, root) {
    all(selector, root).forEach(function (each) { each.textContent = text; });
  }

  // What the data say of a threshold

  function pointAt(hundredths) {
    var numbers = data.points[hundredths - 1];
    var parts = { test: {}, validation: {} };
    var place = 4;
    ["test", "validation"].forEach(function (part) {
      data.metrics.forEach(function (name) {
        parts[part][name] = numbers.slice(place, place + 3).map(function (n) { return n / 1e6; });
        place += 3;
      });
    });
    return { threshold: hundredths / 100, counts: numbers.slice(0, 4), parts: parts };
  }

  function complement(estimate) {
    return [1 - estimate[0], 1 - estimate[2], 1 - estimate[1]];
  }

  // Predictive values: the same formulas as in portal/predictive_values.py

  function share(part, rest) {
    var whole = part + rest;
    var middle = (part + Z2 / 2) / (whole + Z2);
    var half = Math.sqrt(Z2) / (whole + Z2) * Math.sqrt(part * (1 - part / whole) + Z2 / 4);
    return [part / whole, Math.max(0, middle - half), Math.min(1, middle + half)];
  }

  function quotientInterval(above, below) {
    var product = above[0] * below[0];
    var ofLow = above[1] * (2 * above[0] - above[1]);
    var ofHigh = below[2] * (2 * below[0] - below[2]);
    var toHigh = above[2] * (2 * above[0] - above[2]);
    var toLow = below[1] * (2 * below[0] - below[1]);
    var root = Math.sqrt(Math.max(0, product * product - ofLow * ofHigh));
    var low = ofLow > 0 ? ofLow / (product + root) : 0;
    if (toLow <= 0) return [low, Infinity];
    return [low, (product + Math.sqrt(Math.max(0, product * product - toHigh * toLow))) / toLow];
  }

  function predictive(wrong, right, odds) {
    if (wrong[0] === 0 && right[0] === 0) return null;
    var ends = quotientInterval(wrong, right);
    return [
      right[0] * odds / (right[0] * odds + wrong[0]),
      1 / (1 + ends[1] / odds),
      1 / (1 + ends[0] / odds)
    ];
  }

  // Drawing

  function drawMeasures(point) {
    all("tr[data-metric]").forEach(function (row) {
      Object.keys(point.parts).forEach(function (part) {
        var cell = row.querySelector("[data-part=" + part + "]");
        var estimate = point.parts[part][row.dataset.metric];
        if (cell && estimate) drawEstimate(cell, estimate);
      });
      var found = point.parts.test[row.dataset.metric];
      if (found) drawLine(row, found);
    });
  }

  function drawEstimate(cell, estimate) {
    var ends = document.createElement("span");
    ends.className = "interval";
    ends.textContent = decimals(estimate[1], 2) + " to " + decimals(estimate[2], 2);
    cell.replaceChildren(decimals(estimate[0], 3), ends);
  }

  function drawLine(row, estimate) {
    var range = row.querySelector(".range");
    range.setAttribute("x", decimals(100 * estimate[1], 1) + "%");
    range.setAttribute("width", decimals(100 * (estimate[2] - estimate[1]), 1) + "%");
    row.querySelector(".dot").setAttribute("cx", decimals(100 * estimate[0], 1) + "%");
    all(".required, .flag", row).forEach(function (each) { each.remove(); });
  }

  function drawCells(counts) {
    all("[data-testid=confusion] [data-cell]").forEach(function (cell, index) {
      var first = index - index % 2;
      var part = counts[index] / ((counts[first] + counts[first + 1]) || 1);
      var texts = cell.querySelectorAll("text");
      cell.querySelector(".shade").setAttribute("fill-opacity", 0.04 + part * 0.3);
      texts[0].textContent = counts[index];
      texts[1].textContent = even(100 * part) + "\u00a0%";
    });
  }

  function drawMark(name, across, up, text) {
    var mark = document.querySelector("[data-testid=" + name + "] [data-mark]");
    var box = mark.dataset;
    function x(part) { return +box.left + part * (box.right - box.left); }
    function y(part) { return +box.bottom + part * (box.top - box.bottom); }
    var lines = mark.querySelectorAll("line");
    var circle = mark.querySelector("circle");
    var label = mark.querySelector("text");
    var left = across[0] > 0.65;
    place(lines[0], x(across[0]), x(across[0]), y(up[1]), y(up[2]));
    place(lines[1], x(across[1]), x(across[2]), y(up[0]), y(up[0]));
    circle.setAttribute("cx", x(across[0]));
    circle.setAttribute("cy", y(up[0]));
    label.setAttribute("x", x(across[0]) + (left ? -12 : 12));
    label.setAttribute("y", y(up[0]) + (up[0] < 0.2 ? -12 : 24));
    label.setAttribute("text-anchor", left ? "end" : "start");
    label.textContent = text;
  }

  function place(line, x1, x2, y1, y2) {
    line.setAttribute("x1", x1);
    line.setAttribute("x2", x2);
    line.setAttribute("y1", y1);
    line.setAttribute("y2", y2);
  }

  function drawValues(counts, common) {
    var found = share(counts[3], counts[2]);
    var passed = share(counts[0], counts[1]);
    var odds = common / (1 - common);
    var values = {
      positive: predictive(complement(passed), found, odds),
      negative: predictive(complement(found), passed, 1 / odds)
    };
    Object.keys(values).forEach(function (name) {
      var cell = document.querySelector("[data-value=" + name + "]");
      if (values[name]) drawEstimate(cell, values[name]);
      else cell.textContent = cell.dataset.none;
    });
    drawThousand(found[0], passed[0], even(1000 * common));
    write("#worth [data-prevalence-text]", String(common)); // that of the table comes with its numbers
  }

  function drawThousand(found, passed, positives) {
    var hits = even(positives * found);
    var alarms = even((1000 - positives) * (1 - passed));
    var numbers = {
      positives: positives,
      found: hits,
      missed: positives - hits,
      alarms: alarms,
      passed: 1000 - positives - alarms
    };
    Object.keys(numbers).forEach(function (name) {
      write("[data-thousand=" + name + "]", numbers[name]);
    });
  }

  function draw() {
    var point = pointAt(Number(slider.value));
    var test = point.parts.test;
    var text = decimals(point.threshold, 2);
    slider.setAttribute("aria-valuetext", text);
    write("[data-threshold-text]", text);
    drawMeasures(point);
    drawCells(point.counts);
    drawMark("roc", complement(test.specificity), test.recall, "threshold " + text);
    drawMark("precision-recall", test.recall, test.precision, "threshold " + text);
    drawValues(point.counts, Number(prevalence.value));
    askWhenResting();
  }

  // The server's words

  function address() {
    return form.getAttribute("action").split("#")[0] + "?" + new URLSearchParams(new FormData(form));
  }

  function askWhenResting() {
    asked += 1; // what is on its way answers a choice that is gone
    all("[data-explored]").forEach(function (each) { each.setAttribute("aria-busy", "true"); });
    clearTimeout(timer);
    timer = setTimeout(ask, REST, address()); // of what is drawn: the next thing typed may be no number
  }

  function ask(url) {
    var mine = asked;
    fetch(url).then(function (answer) {
      return answer.ok ? answer.text() : Promise.reject(new Error(answer.status));
    }).then(function (text) {
      if (mine === asked) show(new DOMParser().parseFromString(text, "text/html"), url);
    }).catch(function () {
      if (mine === asked) sayTheyAreOld();
    });
  }

  // The numbers are right without the portal; its words are those of an earlier choice.
  function sayTheyAreOld() {
    var of = "for a threshold of " +
      decimals(document.querySelector("[data-testid=point]").dataset.threshold, 2) +
      " and a prevalence of " +
      document.querySelector("[data-testid=thresholds] [data-prevalence-text]").textContent;
    all("[data-old]").forEach(function (each) { each.remove(); });
    all("[data-explored]").forEach(function (each) {
      var note = document.createElement("p");
      note.className = "notice";
      note.dataset.old = "";
      note.textContent = "words" in each.dataset
        ? "This part could not be fetched and is still " + of + "."
        : "The numbers are those of your choice. Texts, files and the table of thresholds could not be fetched and are still " + of + ".";
      each.removeAttribute("aria-busy");
      each.prepend(note);
    });
    write("[data-announce]", document.querySelector("[data-old]").textContent);
  }

  function stops(root) {
    return all("a[href], summary, [tabindex='0']", root);
  }

  function show(page, url) {
    var fresh = all("[data-explored]", page);
    var refused = page.querySelector("main [data-testid=banner]:not(.banner-small)");
    if (!fresh.length || refused) throw new Error("another page"); // such as that of signing in
    all("[data-explored]").forEach(function (old, place) {
      var open = all("details", old).map(function (each) { return each.open; });
      var focused = stops(old).indexOf(document.activeElement);
      all("details", fresh[place]).forEach(function (each, index) { each.open = open[index]; });
      old.replaceWith(fresh[place]);
      var stop = stops(fresh[place])[focused];
      if (stop) stop.focus({ preventScroll: true });
    });
    all("[data-point]", page).forEach(function (link) {
      var mine = document.querySelector(".choices [data-point=" + link.dataset.point + "]");
      if (!mine) return;
      mine.href = link.getAttribute("href");
      if (link.hasAttribute("aria-current")) mine.setAttribute("aria-current", "true");
      else mine.removeAttribute("aria-current");
    });
    history.replaceState(null, "", url);
    write("[data-announce]", fresh[0].querySelector("[data-testid=point] p").textContent);
  }

  // Slider and number fields go together.

  slider.addEventListener("input", function () {
    threshold.value = decimals(slider.value / 100, 2);
    if (form.checkValidity()) draw();
  });
  [threshold, prevalence].forEach(function (field) {
    field.addEventListener("input", function () {
      if (!form.checkValidity()) return;
      slider.value = even(100 * threshold.value);
      draw();
    });
  });
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    draw();
  });
})();
