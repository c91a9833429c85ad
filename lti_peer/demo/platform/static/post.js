// Post the page's one form: the browser carries a message from the LMS to the tool.
document.querySelector("form[data-post]")?.submit();
