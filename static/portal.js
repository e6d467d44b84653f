// Adds comfort to pages that work without it: theme switch, dropping and previewing an image,
// progress and cancelling, the strength of heat-maps, unfolding figures for print.
(function () {
  "use strict";

  var TWICE = 500; // milliseconds within which a second press of a key belongs to the first

  var chosen = null; // the preview of the image in this page
  var answered = null; // the form that was answered in this page, with its image
  var asked = 0; // how many images were asked about in this page

  function all(selector, root) {
    return Array.prototype.slice.call((root || document).querySelectorAll(selector));
  }

  function announce(text) {
    document.querySelector("[data-announce]").textContent = text;
  }

  // Theme

  function isDark() {
    var theme = document.documentElement.dataset.theme;
    return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  function setUpTheme() {
    var button = document.querySelector("[data-theme-switch]");
    function show() {
      button.setAttribute("aria-pressed", String(isDark()));
    }
    button.hidden = false;
    show();
    addEventListener("pageshow", show);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
    button.addEventListener("click", function () {
      var theme = isDark() ? "light" : "dark";
      document.documentElement.dataset.theme = theme;
      try {
        localStorage.setItem("theme", theme);
      } catch (error) {
        // Storage is blocked: the choice holds for this page only.
      }
      show();
    });
  }

  // Refusals

  function removeBanners() {
    all("main [data-testid=banner]").forEach(function (old) {
      if (!old.closest("table")) old.remove();
    });
  }

  // What was refused before was tried again.
  function forgetRefusal() {
    removeBanners();
    document.title = document.title.replace(/^(Refused|Choose): /, "");
  }

  // Beside an answer, which itself was not refused.
  function keepTitle(show) {
    var title = document.title;
    show();
    document.title = title;
  }

  function showBanner(banner) {
    removeBanners();
    document.querySelector("[data-banner-place]").replaceChildren(banner);
    document.title = document.title.replace(/^([\w ]+: )?/, "Refused: ");
    banner.focus();
  }

  function showRefusal(name, received) {
    var template = document.querySelector("[data-refusal=" + name + "]");
    var banner = template.content.firstElementChild.cloneNode(true);
    banner.dataset.testid = "banner"; // only here: a page's source has none before a refusal
    if (received) banner.querySelector("[data-received]").textContent = received;
    showBanner(banner);
  }

  // Upload

  function isTooLarge(form, file) {
    return file.size > Number(form.dataset.maxMb) * 1024 * 1024;
  }

  // The file is read once, when it is chosen: what is shown is what will be sent, whatever becomes
  // of the file. Of one that changed a browser sends nothing, or as much as the former one had.
  function take(form) {
    var input = form.querySelector("input[type=file]");
    var file = input.files[0];
    clearPreview(form);
    if (!file || input.files.length > 1 || isTooLarge(form, file)) return Promise.resolve(true); // the rest is refused
    return file.arrayBuffer().then(function (bytes) {
      var copy = new DataTransfer();
      if (!form.isConnected || input.files[0] !== file) return true; // another one was chosen by now
      copy.items.add(new File([bytes], file.name, { type: file.type }));
      input.files = copy.files;
      preview(form, input.files[0]);
      return true;
    }).catch(function () { return false; });
  }

  function clearPreview(form) {
    var drop = form.querySelector("[data-drop]");
    all("[data-preview]", drop).forEach(function (old) { old.remove(); });
    all(".art", drop).forEach(function (art) { art.removeAttribute("hidden"); });
    chosen = null;
  }

  function preview(form, file) {
    var drop = form.querySelector("[data-drop]");
    var input = form.querySelector("input[type=file]");
    var image = new Image();
    function isGone() { return !form.isConnected || input.files[0] !== file; } // another one was chosen by now
    all(".art", drop).forEach(function (art) { art.setAttribute("hidden", ""); });
    image.alt = "The image you chose";
    image.dataset.preview = "";
    image.addEventListener("load", function () {
      URL.revokeObjectURL(image.src); // what is drawn stays
      if (isGone()) return;
      chosen = image;
      drop.prepend(image);
    });
    image.addEventListener("error", function () {
      URL.revokeObjectURL(image.src);
      if (isGone()) return;
      var note = document.createElement("p");
      note.className = "small";
      note.dataset.preview = "";
      note.textContent = "This browser cannot show this kind of file. The portal may still be able to read it.";
      drop.append(note);
    });
    image.src = URL.createObjectURL(file);
  }

  function showOriginal() {
    var stage = document.querySelector("[data-stage]");
    if (!stage || !chosen) return;
    var figure = document.createElement("figure");
    var image = chosen;
    var caption = document.createElement("figcaption");
    figure.className = "original";
    delete image.dataset.preview;
    image.alt = "Your image as you uploaded it";
    var square = stage.querySelector("[data-testid=region]");
    caption.textContent = square ? "Your image, of which only the marked square was read" : "Your image";
    figure.append(image, caption);
    if (square) {
      var space = "http://www.w3.org/2000/svg";
      var marked = document.createElement("div");
      var drawing = document.createElementNS(space, "svg");
      marked.className = "marked";
      drawing.setAttribute("viewBox", "0 0 " + square.dataset.width + " " + square.dataset.height);
      drawing.setAttribute("aria-hidden", "true"); // the words below the picture say where it lies
      ["marked-edge", "marked-square"].forEach(function (name) {
        var frame = document.createElementNS(space, "rect");
        frame.setAttribute("class", name);
        frame.setAttribute("x", square.dataset.left);
        frame.setAttribute("y", square.dataset.top);
        frame.setAttribute("width", square.dataset.side);
        frame.setAttribute("height", square.dataset.side);
        drawing.append(frame);
      });
      marked.append(image, drawing);
      figure.prepend(marked);
    }
    stage.classList.add("has-original");
    stage.prepend(figure);
  }

  function showAnswer(answer, files) {
    var main = answer.querySelector("main");
    var kept = main.querySelector("form[data-keep] input[type=file]");
    document.title = answer.title;
    document.querySelector("main").replaceWith(main);
    if (kept && files) kept.files = files; // refused, but it may be sent again
    showOriginal();
    setUpPage();
    var banner = main.querySelector("[data-testid=banner]:not(.banner-small)");
    var heading = main.querySelector("#reading-heading, #verdict-word, #answers");
    var warning = main.querySelector("#gate-warning");
    if (banner) {
      banner.focus();
    } else if (heading) {
      if (warning) heading.setAttribute("aria-describedby", warning.id); // it stands before the heading
      heading.focus({ preventScroll: true });
      main.scrollIntoView(); // the image first, as far as the heading is in sight below it
      if (heading.getBoundingClientRect().bottom > innerHeight) heading.scrollIntoView({ block: "center" });
      announce(answer.title);
    }
  }

  // A file that is the answer goes to the browser's downloads; the page stays, with the image in it.
  function save(request, form, says) {
    var named = /filename="?([^";]+)/.exec(request.getResponseHeader("Content-Disposition"));
    var link = document.createElement("a");
    link.href = URL.createObjectURL(request.response);
    link.download = named ? named[1] : "";
    link.click();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 60000); // the saving has begun
    if (!says) return;
    forgetRefusal();
    var note = document.createElement("p");
    note.className = "small";
    note.dataset.saved = "";
    note.tabIndex = -1;
    note.textContent = "The answer is in your downloads: " + link.download;
    form.querySelector("[type=submit]").before(note);
    note.focus(); // as an answer in the page: what had it is hidden by now
    announce(note.textContent);
  }

  // Whether another image was asked about since: what is late says nothing beside it.
  function lateness(part) {
    var mine = asked;
    return function () { return mine !== asked || !part.isConnected; };
  }

  function forgetSaved(form) {
    all("[data-saved]", form).forEach(function (old) { old.remove(); });
  }

  function isPage(request) {
    return request.status !== 200 || /^text\/html/.test(request.getResponseHeader("Content-Type"));
  }

  // A page that came in answer: of a refusal only the banner is shown, in the page that is there.
  function showText(text, status, lost, showWhole) {
    var answer = new DOMParser().parseFromString(text, "text/html");
    var banner = answer.querySelector("[data-testid=banner]");
    if (!answer.querySelector("main")) showRefusal(lost); // a proxy's own page
    else if (banner && (status !== 200 || "stays" in banner.dataset)) showBanner(document.adoptNode(banner));
    else showWhole(answer);
  }

  // A result that is saved: where that fails, the page with the result must not be left.

  function setUpSave(form) {
    form.addEventListener("submit", function (event) {
      var request = new XMLHttpRequest();
      var button = event.submitter;
      var isLate = lateness(form);
      if (!button) return; // where a browser does not name it, it sends the form itself
      event.preventDefault();
      if (form.getAttribute("aria-busy")) return;

      function refuse() {
        showRefusal("unsaved");
      }
      request.open("POST", button.hasAttribute("formaction") ? button.formAction : form.action);
      request.responseType = "blob";
      request.addEventListener("load", function () {
        if (!isPage(request)) return save(request, form, !isLate());
        request.response.text().then(function (text) {
          if (!isLate()) keepTitle(function () { showText(text, request.status, "unsaved", refuse); });
        });
      });
      request.addEventListener("error", function () {
        if (!isLate()) keepTitle(refuse);
      });
      request.addEventListener("loadend", function () { form.removeAttribute("aria-busy"); });
      forgetSaved(form);
      form.setAttribute("aria-busy", "true");
      announce("The file is being made");
      request.send(new URLSearchParams(new FormData(form)));
    });
  }

  function asksForFile(form) {
    var answer = form.querySelector("[name=answer]:checked");
    return Boolean(answer && answer.value);
  }

  // While an image is on its way: another one would stand beside the verdict of this one.
  function hold(form, isHeld) {
    form.querySelector("[type=submit]").disabled = isHeld;
    form.querySelector("input[type=file]").disabled = isHeld;
    if (isHeld) form.setAttribute("aria-busy", "true");
    else form.removeAttribute("aria-busy");
  }

  function send(form, taken) {
    var request = new XMLHttpRequest();
    var input = form.querySelector("input[type=file]");
    var button = form.querySelector("[type=submit]");
    var working = form.querySelector("[data-working]");
    var progress = form.querySelector("[data-progress]");
    var step = form.querySelector("[data-step]");
    var cancel = form.querySelector("[data-cancel]");
    var sent = null;
    var isOver = false;

    function tell(text) {
      step.textContent = text;
      announce(text);
    }
    function stop() {
      isOver = true;
      working.hidden = true;
      hold(form, false);
      cancel.removeEventListener("click", abort);
    }
    function abort() {
      stop();
      request.abort();
      announce("Cancelled. Nothing was kept.");
      button.focus();
    }

    function show(text) {
      showText(text, request.status, "offline", function (answer) {
        answered = sent;
        showAnswer(answer, input.files);
      });
    }

    request.upload.addEventListener("progress", function (event) {
      if (event.lengthComputable) progress.value = event.loaded / event.total;
    });
    request.upload.addEventListener("load", function () {
      progress.removeAttribute("value");
      tell("The model is reading the image");
    });
    request.addEventListener("progress", function () { // of a map, which is written step by step
      if (request.responseType) return;
      var steps = request.responseText.match(/<!--\d+\/\d+-->(?=\s*$)/);
      if (!steps) return;
      var counts = steps[0].match(/\d+/g);
      progress.value = counts[0] / counts[1];
      step.textContent = counts[0] + " of " + counts[1] + " squares are read";
    });
    request.addEventListener("load", function () {
      stop();
      if (!request.responseType) show(request.responseText);
      else if (isPage(request)) request.response.text().then(show);
      else save(request, form, true);
    });
    request.addEventListener("error", function () {
      stop();
      showRefusal("offline");
    });

    asked += 1;
    forgetSaved(form);
    progress.removeAttribute("value");
    tell("Reading the file");
    cancel.addEventListener("click", abort);
    hold(form, true);
    working.hidden = false;
    cancel.focus();
    taken.then(function (isRead) {
      if (isOver) return;
      if (!isRead) {
        stop();
        refuseUnreadable(form);
        return;
      }
      input.disabled = false; // a form leaves out what is disabled
      sent = new FormData(form);
      input.disabled = true;
      request.open("POST", form.action || location.href);
      if (asksForFile(form)) request.responseType = "blob";
      tell("Sending the image");
      request.send(sent);
    });
  }

  // The Enter that begins work leaves the focus on the button that ends it, and the other way
  // round: held down, or pressed twice to begin, it asks for nothing more.

  function setUpEnter() {
    var sent = -Infinity;
    document.addEventListener("submit", function (event) { sent = event.timeStamp; }, true);
    document.addEventListener("keydown", function (event) {
      var isHeld = event.repeat && event.target.matches("button");
      var isTwice = event.timeStamp - sent < TWICE && event.target.matches("[data-cancel], [data-stop]");
      if (event.key === "Enter" && (isHeld || isTwice)) event.preventDefault();
    });
  }

  function setUpDrop(drop) {
    var input = drop.querySelector("input[type=file]");
    ["dragenter", "dragover"].forEach(function (name) {
      drop.addEventListener(name, function (event) {
        event.preventDefault();
        drop.classList.add("over");
      });
    });
    ["dragleave", "drop"].forEach(function (name) {
      drop.addEventListener(name, function (event) {
        event.preventDefault();
        drop.classList.remove("over");
      });
    });
    drop.addEventListener("drop", function (event) {
      if (input.disabled || !event.dataTransfer.files.length) return;
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true })); // a browser does it for a choice only
    });
  }

  // As portal/error_pages.py writes it: rounded up, so that it is never said to be the limit.
  function aboutMib(size) {
    return "about " + (Math.ceil(10 * size / 1024 / 1024) / 10).toFixed(1) + " MiB";
  }

  function setUpUpload(form) {
    var input = form.querySelector("input[type=file]");
    var frame = form.querySelector("[data-frame]");
    var anyway = form.querySelector("[name=anyway]");
    var taken = Promise.resolve(true);

    // Needed as long as the file that has frames stays chosen, which it does only here.
    if (frame && frame.dataset.frame) frame.querySelector("input").required = true;
    input.addEventListener("change", function () {
      if (frame) frame.remove(); // it is a number of another file
      if (anyway) anyway.checked = false; // that was asked of another image
      forgetSaved(form); // and so was that
      taken = take(form);
    });
    form.addEventListener("submit", function (event) {
      var file = input.files[0];
      event.preventDefault();
      if (form.getAttribute("aria-busy")) return;
      if (file && isTooLarge(form, file)) {
        showRefusal("large", aboutMib(file.size));
        return;
      }
      send(form, taken);
    });
    hold(form, false); // a browser may recall that it was
    if (asksForFile(form)) form.querySelector(".answer-choice").open = true; // it may recall that, too
    if (input.files[0] && !form.querySelector("[data-part]")) taken = take(form);
  }

  function refuseUnreadable(form) {
    var input = form.querySelector("input[type=file]");
    input.value = "";
    input.dispatchEvent(new Event("change", { bubbles: true })); // a browser does it for a choice only
    showRefusal("unreadable");
  }

  // A file that misses its field must not open in the place of the page, its name in the address.

  function setUpMisses() {
    ["dragover", "drop"].forEach(function (name) {
      document.addEventListener(name, function (event) {
        var carriesFiles = event.dataTransfer.types.includes("Files");
        if (event.defaultPrevented || !carriesFiles || !document.querySelector("[data-drop]")) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = "none";
      });
    });
  }

  // Reading first: what the reader notes stays in this page, beside the verdict it was noted before.

  function setUpReading(section) {
    var sealed = document.querySelector("[data-sealed]");
    var beside = sealed.querySelector("[data-compared]");
    var note = section.querySelector("textarea");
    var reveal = section.querySelector("[data-reveal]");

    function reading() {
      return section.querySelector("input:checked");
    }
    function line(text) {
      var paragraph = document.createElement("p");
      paragraph.textContent = text;
      beside.append(paragraph);
      return paragraph;
    }
    section.addEventListener("change", function () {
      reveal.disabled = !reading();
    });
    reveal.addEventListener("click", function () {
      line(reading().value + sealed.dataset.says).className = "read";
      if (note.value.trim()) line("Your note: " + note.value.trim()).className = "small note";
      beside.hidden = false;
      sealed.open = true;
      section.remove();
      beside.focus({ preventScroll: true });
      beside.scrollIntoView({ block: "start" });
    });
    all("input", section).forEach(function (input) { input.checked = false; }); // a browser may recall them
    note.value = "";
  }

  // Other models on the same image, beside the answer that is there.

  function setUpOthers(place) {
    var button = place.querySelector("button");
    var heading = place.querySelector("h3");
    var image = new FormData();
    if (!answered) return; // the page came without this script
    answered.forEach(function (value, name) {
      if (!["read_first", "explain", "answer"].includes(name)) image.append(name, value);
    });
    place.hidden = false;
    button.addEventListener("click", function () {
      var request = new XMLHttpRequest();
      var words = button.textContent;
      var isLate = lateness(place);
      if (place.getAttribute("aria-busy")) return;
      function again() {
        button.removeAttribute("aria-disabled");
        button.textContent = words;
        place.removeAttribute("aria-busy");
      }
      request.open("POST", place.dataset.others);
      request.addEventListener("load", function () {
        again();
        if (isLate()) return;
        keepTitle(function () {
          showText(request.responseText, request.status, "offline", function (page) {
            var answers = all("[data-answers]", page);
            if (!answers.length) return showRefusal("offline"); // a proxy's own page
            removeBanners();
            place.replaceChildren.apply(place, [heading].concat(answers));
            place.classList.remove("no-print");
            heading.hidden = false;
            heading.focus();
            announce(page.title);
          });
        });
      });
      request.addEventListener("error", function () {
        again();
        if (isLate()) return;
        keepTitle(function () { showRefusal("offline"); });
      });
      button.setAttribute("aria-disabled", "true"); // disabled, it would lose the focus
      button.textContent = "The models are reading the image";
      place.setAttribute("aria-busy", "true");
      announce(button.textContent);
      request.send(image);
    });
  }

  // Heat-map: any strength, where the page alone offers three.

  function setUpHeat() {
    all("[data-heat-strength]").forEach(function (range) {
      var layers = all("[data-heat-layer]", range.closest(".heat"));
      function show() {
        range.setAttribute("aria-valuetext", range.value + " %");
        layers.forEach(function (layer) { layer.style.opacity = range.value / 100; });
      }
      range.addEventListener("input", show);
      show();
    });
  }

  // Print: what is folded on the screen is read on paper.

  function setUpPrint() {
    addEventListener("beforeprint", function () {
      all("details[data-print]:not([open])").forEach(function (fold) {
        fold.open = true;
        fold.dataset.opened = "";
      });
    });
    addEventListener("afterprint", function () {
      all("details[data-opened]").forEach(function (fold) {
        fold.open = false;
        delete fold.dataset.opened;
      });
    });
  }

  function setUpPage() {
    all("[data-drop]").forEach(setUpDrop);
    all("form[data-upload]").forEach(setUpUpload);
    all("form[data-save]").forEach(setUpSave);
    all("[data-others]").forEach(setUpOthers);
    all("[data-reading]").forEach(setUpReading);
    setUpHeat();
    document.dispatchEvent(new Event("portal:page"));
  }

  document.addEventListener("portal:refusal", function (event) { showRefusal(event.detail); });
  document.addEventListener("portal:again", forgetRefusal);
  setUpTheme();
  setUpPrint();
  setUpMisses();
  setUpEnter();
  setUpPage();
})();
