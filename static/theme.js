// Runs before the page is drawn, so that a chosen theme never flashes.
(function () {
  var root = document.documentElement;

  function recall() {
    try {
      var theme = localStorage.getItem("theme");
      if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    } catch (error) {
      // Storage is blocked: the system's theme stays.
    }
  }

  root.classList.add("js");
  recall();
  addEventListener("pageshow", recall); // a page that is gone back to may be older than the choice
})();
