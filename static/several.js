// Many images, one after another: each is asked about through the JSON API, and the table of the
// answers is made here. No file's name is sent, only its ending, which says how it is to be read.
(function () {
  "use strict";

  var COLUMNS = [ // as of `python -m portal score`, see docs/scoring.md
    "file", "sha256", "model", "fingerprint", "precision", "probability", "calibrated_probability",
    "threshold", "label", "verdict", "reason"
  ];
  var AGREEMENT = { agree: "models agree", disagree: "models disagree", undecided: "models are undecided" };
  var EVEN = 0.5; // the calibrated probability at which a band of uncertainty may end
  var LONGEST_WAIT = 60; // seconds after which a portal that was busy is asked again at the latest

  var form = document.querySelector("form[data-several]");
  if (!form) return;
  var choice = form.querySelector("select");
  var input = form.querySelector("input[type=file]");
  var start = form.querySelector("[type=submit]");
  var stop = form.querySelector("[data-stop]");
  var working = form.querySelector("[data-working]");
  var results = document.querySelector("[data-results]");
  var images = []; // of the table: file, name, row, and once it has one, its answer or its problem
  var asked = null; // the option that the table is of
  var run = null; // what ends the run that goes on
  var isChosenAnew = true; // other images or other models than those of the table
  var isSaved = true;

  function part(name) {
    return document.querySelector("[data-" + name + "]");
  }

  function isOpen(image) {
    return !image.answer && !image.problem;
  }

  function count(list, test) {
    return list.filter(test).length;
  }

  function plural(number, word) {
    return number + " " + word + (number === 1 ? "" : "s");
  }

  // The table

  function element(kind, text, name) {
    var made = document.createElement(kind);
    made.textContent = text;
    if (name) made.className = name;
    return made;
  }

  function said(icon, word, more, tone) {
    var cell = document.createElement("td");
    var words = element("span", "", "says" + (tone ? " " + tone : ""));
    words.append(document.querySelector("[data-icon=" + icon + "]").content.cloneNode(true), word);
    cell.append(words);
    if (more) cell.append(element("span", more, "interval"));
    return cell;
  }

  function toneOf(answer) {
    if (answer.verdict !== answer.label) return "uncertain";
    return answer.positive ? "positive" : "negative";
  }

  // As portal/figures/numbers.py writes a probability: never as a certainty, nor as a limit that
  // it is not.
  function probability(value, limits) {
    var places = 2;
    (limits || []).forEach(function (limit) {
      while (value !== limit && value.toFixed(places) === limit.toFixed(places)) places += 1;
    });
    var step = Math.pow(10, -places);
    if (value > 1 - step / 2) return "> " + (1 - step).toFixed(places);
    return value < step / 2 ? "< " + step.toFixed(places) : value.toFixed(places);
  }

  function answersOf(image) {
    if (!image.answer.models) return [image.answer];
    return image.answer.models.map(function (each) { return each.answer; }).filter(Boolean);
  }

  function signalOf(image) {
    return image.answer.signal || "agree";
  }

  function cellsOf(image) {
    var answers = answersOf(image);
    var first = answers[0];
    var tone = toneOf(first);
    var calibrated = answers.map(function (each) { return each.calibrated_probability; });
    var lowest = Math.min.apply(null, calibrated);
    var highest = Math.max.apply(null, calibrated);
    var mean = calibrated.reduce(function (sum, each) { return sum + each; }, 0) / calibrated.length;
    var limits = answers.length > 1 ? [] : [first.threshold.calibrated_value, EVEN];
    var number = element("td", probability(mean, limits), "number");
    if (answers.length > 1) {
      number.append(element("span", "range " + probability(lowest) + " to " + probability(highest), "interval"));
    }
    var signal = signalOf(image);
    var more = image.answer.agreement || (tone === "uncertain" ? "leans to " + first.label : "");
    if (signal === "agree") return [said(tone, first.verdict, more, tone), number];
    return [said(signal, signal === "disagree" ? "Models disagree" : "Undecided", more, "uncertain"), number];
  }

  function show(image) {
    var cells;
    if (image.answer) {
      cells = cellsOf(image);
    } else {
      cells = [image.problem
        ? said("refused", image.problem.title, image.problem.detail)
        : element("td", image === (run && run.image) ? "Being read" : "Not read yet", "absent")];
      cells[0].colSpan = 2;
    }
    while (image.row.cells.length > 1) image.row.cells[1].remove();
    image.row.append.apply(image.row, cells);
  }

  function add(file) {
    var image = { file: file, name: file.webkitRelativePath || file.name, row: document.createElement("tr") };
    var name = element("th", image.name);
    name.scope = "row";
    image.row.append(name);
    show(image);
    return image;
  }

  function summary() {
    var answered = images.filter(function (image) { return image.answer; });
    var isCompared = answered.some(function (image) { return image.answer.models; });
    var refused = count(images, function (image) { return image.problem; });
    var open = count(images, isOpen);
    var said = {};
    var parts = [];
    answered.forEach(function (image) {
      var words = isCompared ? AGREEMENT[signalOf(image)] : image.answer.verdict;
      said[words] = (said[words] || 0) + 1;
    });
    Object.keys(said).sort().forEach(function (words) {
      parts.push(isCompared ? words + " on " + said[words] : said[words] + " " + words);
    });
    if (refused) parts.push(refused + " refused");
    if (open) parts.push(open + " not read yet");
    return plural(images.length, "image") + ": " + parts.join(", ") + ".";
  }

  function tell() {
    var ended = count(images, function (image) { return !isOpen(image); });
    part("summary").textContent = summary();
    part("progress").value = ended / images.length;
    part("save-table").hidden = !ended;
    part("refused").hidden = !images.some(function (image) { return image.problem; });
    start.textContent = images.some(isOpen) ? start.dataset.goOn : start.dataset.start;
  }

  function step(text) {
    part("step").textContent = text;
  }

  function tellPlace() {
    step("Image " + (images.indexOf(run.image) + 1) + " of " + images.length);
  }

  function announce(text) {
    part("announce").textContent = text;
  }

  // One image

  function local(title, detail) {
    return { problem: { title: title, detail: detail } };
  }

  function wait(seconds) {
    return new Promise(function (resolve, reject) {
      var timer = setTimeout(resolve, 1000 * Math.min(seconds, LONGEST_WAIT));
      run.signal.addEventListener("abort", function () {
        clearTimeout(timer);
        reject(new DOMException("stopped", "AbortError"));
      });
    });
  }

  // As portal/error_pages.py writes it: rounded up, so that it is never said to be the limit.
  function mib(size) {
    return (Math.ceil(10 * size / 1024 / 1024) / 10).toFixed(1) + " MiB";
  }

  // Its bytes are read here first: a file that is gone by now must not look like a portal that is.
  function send(image) {
    var most = Number(form.dataset.maxMb);
    if (image.file.size > most * 1024 * 1024) {
      return Promise.resolve(local("This file is too large", "Expected at most " + most + " MiB; received about " + mib(image.file.size) + "."));
    }
    return image.file.arrayBuffer().then(function (bytes) {
      return ask(bytes, (/\.[a-z0-9]{1,5}$/i.exec(image.file.name) || [""])[0]);
    }, function () {
      return local("This file could not be read", "It may have been moved, or be a folder.");
    });
  }

  function ask(bytes, ending) {
    var body = new FormData();
    body.append("image", new Blob([bytes]), "image" + ending);
    return fetch(asked.value, { method: "POST", body: body, signal: run.signal }).then(function (response) {
      var again = Number(response.headers.get("Retry-After"));
      if (again && (response.status === 503 || response.status === 429)) {
        step("The portal is busy: the next try is in " + plural(Math.min(again, LONGEST_WAIT), "second"));
        announce(part("step").textContent);
        return wait(again).then(function () {
          tellPlace();
          return ask(bytes, ending);
        });
      }
      if (response.status === 401) throw new Error("signed-out");
      return response.json().then(function (document) {
        return response.ok ? { answer: document } : { problem: document };
      });
    });
  }

  // All of them

  function next() {
    var image = images.find(isOpen);
    if (!image) return Promise.resolve();
    run.image = image;
    show(image);
    tellPlace();
    return send(image).then(function (found) {
      Object.assign(image, found);
      isSaved = false;
      show(image);
      tell();
      return next();
    });
  }

  function begin() {
    var controller = new AbortController();
    run = { signal: controller.signal, image: null, stop: function () { controller.abort(); } };
    [choice, input, start].forEach(function (each) { each.disabled = true; });
    form.setAttribute("aria-busy", "true");
    document.dispatchEvent(new Event("portal:again"));
    part("before").hidden = true;
    results.hidden = false;
    working.hidden = false;
    stop.focus();
    tell();
    announce("The images are being read, one after another");
    next().then(function () {
      var isHere = [stop, document.body].includes(document.activeElement); // not read elsewhere meanwhile
      end();
      announce("All images are read. " + summary());
      if (isHere) document.querySelector("#answers").focus();
    }, function (error) {
      end();
      if (error.name === "AbortError") {
        announce("Stopped. " + summary());
        start.focus();
      } else {
        document.dispatchEvent(new CustomEvent("portal:refusal", {
          detail: error.message === "signed-out" ? "signed-out" : "offline"
        }));
      }
    });
  }

  function end() {
    var image = run.image;
    run = null;
    if (image) show(image);
    tell();
    [choice, input, start].forEach(function (each) { each.disabled = false; });
    form.removeAttribute("aria-busy");
    working.hidden = true;
  }

  function beginAnew() {
    asked = choice.selectedOptions[0];
    images = Array.prototype.map.call(input.files, add);
    part("rows").replaceChildren.apply(part("rows"), images.map(function (image) { return image.row; }));
    part("alone").href = asked.dataset.page;
    isChosenAnew = false;
    isSaved = true;
  }

  // The table as a file. A name with which a spreadsheet would begin a formula begins with its folder.

  function lines(image) {
    var models = JSON.parse(asked.dataset.models);
    var file = /^[=+\-@\t\r]/.test(image.name) ? "./" + image.name : image.name;
    var found = {};
    if (image.answer) {
      (image.answer.models || [{ model: image.answer.model, answer: image.answer }]).forEach(function (each) {
        found[each.model] = each;
        if (!models.some(function (model) { return model.model === each.model; })) models.push({ model: each.model });
      });
    }
    return models.map(function (model) {
      var one = found[model.model] || { problem: image.problem };
      var answer = one.answer || {};
      var reason = one.problem ? one.problem.title + ". " + one.problem.detail : "";
      return {
        file: file,
        sha256: image.answer ? image.answer.input.sha256 : "",
        model: model.model,
        fingerprint: answer.fingerprint || model.fingerprint,
        precision: form.dataset.precision,
        probability: answer.probability,
        calibrated_probability: answer.calibrated_probability,
        threshold: answer.threshold ? answer.threshold.value : model.threshold,
        label: answer.label || "",
        verdict: answer.verdict || "",
        reason: reason
      };
    });
  }

  function quoted(value) {
    if (value === undefined) return '""';
    return typeof value === "number" ? String(value) : '"' + value.replace(/"/g, '""') + '"';
  }

  function table() {
    var read = images.filter(function (image) { return !isOpen(image); });
    var rows = [].concat.apply([], read.map(lines)).map(function (line) {
      return COLUMNS.map(function (column) { return quoted(line[column]); }).join(",");
    });
    return [COLUMNS.map(quoted).join(",")].concat(rows, "").join("\n");
  }

  function saveTable() {
    var link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([table()], { type: "text/csv;charset=utf-8" }));
    link.download = "several-" + form.dataset.name + ".csv";
    link.click();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 60000); // the saving has begun
    isSaved = true;
    announce("The table is in your downloads: " + link.download);
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    if (run) return;
    if (isChosenAnew || !images.some(isOpen)) {
      if (!isSaved && !confirm("The table was not saved. Begin another one?")) return;
      beginAnew();
    }
    begin();
  });
  form.addEventListener("change", function () {
    isChosenAnew = true;
    start.textContent = start.dataset.start;
  });
  stop.addEventListener("click", function () { run.stop(); });
  part("save-table").addEventListener("click", saveTable);
  addEventListener("beforeunload", function (event) {
    if (!run && isSaved) return;
    event.preventDefault();
    event.returnValue = true; // Chromium before 119 heeds this alone
  });
  [choice, input, start].forEach(function (each) { each.disabled = false; }); // a browser may recall that they were
})();
