// Moves the square on a plan with pointer and keys; the number fields beside it say where it is and
// work without this.
(function () {
  "use strict";

  var ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  var SIZES = { "+": 1, "=": 1, "-": -1, "_": -1 };

  function setUp(part) {
    var form = part.closest("form");
    var plan = part.querySelector("[data-plan]");
    var mark = plan.querySelector("[data-square]");
    var edge = plan.querySelector("[data-edge]");
    var fields = { left: form.elements.left, top: form.elements.top, side: form.elements.side };
    var whole = { width: plan.viewBox.baseVal.width, height: plan.viewBox.baseVal.height };
    var side = Number(fields.side.defaultValue); // the last one that was a number
    var grip = null; // the pointer that holds the square, and where in it
    var tapping = false; // whether a finger is down beside the square: it may yet scroll the page

    function now() {
      return { left: Number(fields.left.value), top: Number(fields.top.value), side: side };
    }
    function within(value, least, most) {
      return Math.round(Math.min(Math.max(value, least), most));
    }
    function draw() {
      var typed = Number(fields.side.value);
      if (typed >= Number(fields.side.min)) side = typed;
      var square = now();
      [edge, mark].forEach(function (each) {
        each.setAttribute("x", square.left);
        each.setAttribute("y", square.top);
        each.setAttribute("width", square.side);
        each.setAttribute("height", square.side);
      });
      mark.setAttribute("aria-label", "Square of " + square.side + " pixels, left " + square.left +
        ", top " + square.top + ". Arrow keys move it, plus and minus change its side.");
    }
    // A field that is not used must not hold up the form; it is sent, as the next form shows it.
    function allow() {
      var extent = form.elements.extent.value;
      fields.left.readOnly = fields.top.readOnly = extent !== "square";
      fields.side.readOnly = extent === "whole";
    }
    function place(left, top, wanted) {
      var size = within(wanted, Number(fields.side.min), Number(fields.side.max));
      fields.side.value = size;
      fields.left.value = within(left, 0, whole.width - size);
      fields.top.value = within(top, 0, whole.height - size);
      if (form.elements.extent.value === "whole") form.elements.extent.value = "square";
      allow();
      draw();
    }
    function say() {
      var square = now();
      document.querySelector("[data-announce]").textContent =
        "Left " + square.left + ", top " + square.top + ", side " + square.side;
    }
    function at(event) {
      var point = new DOMPoint(event.clientX, event.clientY);
      return point.matrixTransform(plan.getScreenCTM().inverse());
    }

    function centre(event) {
      var point = at(event);
      place(point.x - side / 2, point.y - side / 2, side);
      mark.focus({ preventScroll: true });
    }
    function hold(event) {
      var point = at(event);
      var square = now();
      grip = { pointer: event.pointerId, x: point.x - square.left, y: point.y - square.top };
      plan.setPointerCapture(event.pointerId);
      mark.focus({ preventScroll: true });
      event.preventDefault();
    }

    // Chromium does not heed touch-action on a part of a drawing.
    plan.addEventListener("touchstart", function (event) {
      if (event.target === mark) event.preventDefault();
    }, { passive: false });
    plan.addEventListener("pointerdown", function (event) {
      if (event.button || !event.isPrimary) return;
      tapping = event.target !== mark && event.pointerType === "touch";
      if (tapping) return;
      if (event.target !== mark) centre(event);
      hold(event);
    });
    plan.addEventListener("pointermove", function (event) {
      if (!grip || grip.pointer !== event.pointerId) return;
      var point = at(event);
      place(point.x - grip.x, point.y - grip.y, side);
    });
    ["pointerup", "pointercancel"].forEach(function (name) {
      plan.addEventListener(name, function (event) {
        if (!event.isPrimary) return;
        if (tapping && name === "pointerup") centre(event);
        if (grip || (tapping && name === "pointerup")) say();
        grip = null;
        tapping = false;
      });
    });
    mark.addEventListener("keydown", function (event) {
      var square = now();
      var step = event.shiftKey ? 1 : Math.max(1, Math.round(square.side / 16));
      var move = ARROWS[event.key];
      var size = SIZES[event.key];
      if (event.ctrlKey || event.altKey || event.metaKey || !(move || size)) return;
      event.preventDefault();
      if (move) {
        place(square.left + move[0] * step, square.top + move[1] * step, square.side);
      } else { // about its middle
        place(square.left - size * step, square.top - size * step, square.side + 2 * size * step);
      }
      say();
    });
    Object.keys(fields).forEach(function (name) {
      fields[name].addEventListener("input", draw);
    });
    part.addEventListener("change", allow);
    form.querySelector("input[type=file]").addEventListener("change", function () {
      part.remove(); // it shows another image than the one that is chosen now
    });

    mark.setAttribute("tabindex", "0");
    mark.setAttribute("role", "application");
    allow();
    draw();
  }

  function setUpAll() {
    Array.prototype.forEach.call(document.querySelectorAll("[data-part]"), setUp);
  }

  document.addEventListener("portal:page", setUpAll);
  setUpAll();
})();
