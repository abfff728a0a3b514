// The slider says its number while it moves, and draws the map anew when it is let go. Without it there is the button.

const form = document.querySelector("form[data-submits]");
const slider = form?.querySelector("input[type=range]");
slider?.addEventListener("input", () => { form.querySelector("output").value = slider.value; });
slider?.addEventListener("change", () => form.requestSubmit());
