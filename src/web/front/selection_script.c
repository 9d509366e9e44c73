/* The downloads of a selection as scripts, for those who fetch them again and again. */
#include "web/front/explore.h"
#include "web/front/selection_contents.h"

/* Addresses and file names hold no quotes: they are made of ids, formats and the checked host. */

static void write_shell(struct call *call, const struct selection_contents *contents, struct buf *out)
{
    buf_printf(out,
               "#!/bin/sh\n"
               "# Fetches datasets of %.*s into the current directory.\n"
               "# Restricted ones need a key of yours: API_KEY=… sh datasets.sh\n"
               "set -eu\n\n"
               "fetch() {\n"
               "    curl --fail --silent --show-error --location --output \"$1\" \\\n"
               "        ${API_KEY:+--header \"Authorization: Apikey $API_KEY\"} \"$2\"\n"
               "    echo \"$1\"\n"
               "}\n\n",
               STR_ARG(call->base_url));
    for (size_t i = 0; i < contents->count; i++) {
        const struct selected *item = &contents->items[i];
        if (item->format) {
            buf_printf(out, "fetch '%.*s' '%.*s'\n", STR_ARG(item->file), STR_ARG(item->address));
        }
    }
}

static void write_python(struct call *call, const struct selection_contents *contents, struct buf *out)
{
    buf_printf(out,
               "#!/usr/bin/env python3\n"
               "\"\"\"Fetches datasets of %.*s into the current directory.\n\n"
               "Restricted ones need a key of yours in the environment variable API_KEY.\n\"\"\"\n"
               "import os\nimport shutil\nfrom urllib.request import Request, urlopen\n\n"
               "FILES = {\n",
               STR_ARG(call->base_url));
    for (size_t i = 0; i < contents->count; i++) {
        const struct selected *item = &contents->items[i];
        if (item->format) {
            buf_printf(out, "    \"%.*s\": \"%.*s\",\n", STR_ARG(item->file), STR_ARG(item->address));
        }
    }
    buf_add(out, S("}\n\n"
                   "key = os.environ.get(\"API_KEY\")\n"
                   "headers = {\"Authorization\": f\"Apikey {key}\"} if key else {}\n"
                   "for name, url in FILES.items():\n"
                   "    with urlopen(Request(url, headers=headers)) as response, open(name, \"wb\") as file:\n"
                   "        shutil.copyfileobj(response, file)\n"
                   "    print(name)\n"));
}

static enum err send(struct call *call, void (*write)(struct call *, const struct selection_contents *, struct buf *),
                     const char *content_type, const char *name)
{
    struct selection_contents contents;
    struct buf out = {0};
    TRY(selection_contents_read(call, &contents));
    write(call, &contents, &out);
    response_status(call->exchange, 200);
    response_header(call->exchange, S("Content-Type"), str_from(content_type));
    response_header(call->exchange, S("Content-Disposition"),
                    str_printf(&call->scope->arena, "attachment; filename=\"%s\"", name));
    response_header(call->exchange, S("Cache-Control"), S("no-store"));
    response_body(call->exchange, &out);
    return ERR_OK;
}

enum err selection_shell_get(struct call *call)
{
    return send(call, write_shell, "text/x-shellscript; charset=utf-8", "datasets.sh");
}

enum err selection_python_get(struct call *call)
{
    return send(call, write_python, "text/x-python; charset=utf-8", "datasets.py");
}
