/*
 * Files that browsers load beside pages: style sheet, script, icon. tools/assets.mjs bundles them
 * from assets/ and embeds them. Their addresses carry a hash of their bytes, so that they may be
 * kept for ever; they are the same for everyone, and no cookie is read or set with them.
 */
#ifndef WEB_SHELL_STATIC_H
#define WEB_SHELL_STATIC_H

#include "web/shell/call.h"

/**
 * Address of an embedded file: "app.css" gives "/static/app-HASH.css". Static. A name that is not
 * there is a bug of ours.
 */
str static_address(str name);

/** GET /static/{}. Errors: ERR_NO_ROUTE. */
enum err static_file(struct call *call);

/* Where the files of the site's settings are. */
#define SITE_PATH "/site/"

/** GET /site/{}: a file of the site's settings, kept for ever. Errors: ERR_NO_ROUTE. */
enum err static_site_file(struct call *call);

/** Answers with bytes that no page is made of, such as a picture: browsers ask whether they are still good. */
enum err static_send(struct call *call, str bytes, str type);

/** GET /favicon.svg and /favicon.ico: the icon under the names that browsers know, kept for a day.
 */
enum err static_icon(struct call *call);

#endif
