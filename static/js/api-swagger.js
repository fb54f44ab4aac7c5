// Shows the schema of this site in Swagger UI.
"use strict";

SwaggerUIBundle({
  url: document.getElementById("main").dataset.schema,
  domNode: document.getElementById("main"),
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  // Nobody else is asked whether the schema is valid.
  validatorUrl: null,
});
