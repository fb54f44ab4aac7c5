// Shows the schema of this site in ReDoc.
"use strict";

Redoc.init(
  document.getElementById("main").dataset.schema,
  {
    // Its search runs in a worker made of a blob, which the policy does not let through.
    disableSearch: true,
    hideDownloadButton: true,
    nativeScrollbars: true,
  },
  document.getElementById("main"),
);
