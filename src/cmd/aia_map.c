/*
 * Completing chains from a map of files.  The loop is that of the worker with
 * the fetcher: look at where a chain ended, fetch what its certificates name,
 * try again; each URL once, and a bounded number of rounds.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "cmd/aia_map.h"
#include "cmd/map.h"
#include "pki/aia.h"

/* No chain is longer. */
#define ROUNDS_MAX PATH_MAX_CERTS

struct aia_map {
	json_t *urls; /* owned: URL -> path */
	json_t *left; /* owned: those not looked up for this file */
	char *folder; /* owned: of the map, with its slash, or "" */
};

struct aia_map *
aia_map_read(const char *path)
{
	struct aia_map *map = calloc(1, sizeof(*map));
	const char *slash = strrchr(path, '/');
	json_error_t error;

	if (map == NULL)
		return NULL;
	map->urls = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	map->folder = strndup(path, slash == NULL ? 0 : (size_t)(slash - path) + 1);
	if (json_is_object(map->urls) && map->folder != NULL)
		return map;
	fprintf(stderr, "countersign: %s: %s\n", path,
	    map->urls == NULL ? error.text : "not a JSON object");
	aia_map_free(map);
	return NULL;
}

void
aia_map_free(struct aia_map *map)
{
	if (map == NULL)
		return;
	json_decref(map->urls);
	json_decref(map->left);
	free(map->folder);
	free(map);
}

/* The certificates of one authority write the spaces of one address both raw
 * and as %20; a map has it in one of the two. */
static void
other_spaces(struct buf *out, const char *url)
{
	bool encoded = strstr(url, "%20") != NULL;

	for (; *url != '\0'; url++) {
		if (encoded && strncmp(url, "%20", 3) == 0) {
			buf_putc(out, ' ');
			url += 2;
		} else if (!encoded && *url == ' ') {
			buf_puts(out, "%20");
		} else {
			buf_putc(out, *url);
		}
	}
}

/* The key under which the map has the address, or NULL.  The other form of
 * writing it is put into other. */
static const char *
key_of(const struct aia_map *map, struct buf *other, const char *url)
{
	if (json_object_get(map->left, url) != NULL)
		return url;
	other_spaces(other, url);
	url = buf_str(other);
	return json_object_get(map->left, url) != NULL ? url : NULL;
}

static bool
fetch(struct aia_map *map, const char *url, struct certificates *pool)
{
	struct buf beside, other;
	const char *key, *path;
	struct bytes file;
	size_t num = 0;

	buf_init(&beside, 4096);
	buf_init(&other, 4 * AIA_URL_MAX_LEN);
	key = key_of(map, &other, url);
	path =
	    key == NULL ? NULL : json_string_value(json_object_get(map->left, key));
	if (path != NULL) {
		buf_printf(&beside, "%s%s", map->folder, path);
		if (map_open(
			&file, access(path, F_OK) == 0 ? path : buf_str(&beside))) {
			num = aia_add(pool, file, SOURCE_AIA, url);
			map_close(&file);
		}
		json_object_del(map->left, key);
	}
	buf_free(&beside);
	buf_free(&other);
	return num > 0;
}

/* From where the chain ended back to the leaf. */
static bool
fetch_for(
    struct aia_map *map, const struct signature *sig, struct certificates *pool)
{
	char url[AIA_URLS_MAX][AIA_URL_MAX_LEN];
	bool found = false;

	for (size_t i = sig->path.num; i > 0 && !found; i--) {
		size_t num = aia_issuer_urls(url, sig->path.cert[i - 1]);

		for (size_t u = 0; u < num && !found; u++)
			found = fetch(map, url[u], pool);
	}
	return found;
}

void
aia_map_complete(struct aia_map *map, struct signed_file *file,
    const struct signature_options *options, struct certificates *pool)
{
	json_decref(map->left);
	map->left = json_copy(map->urls);
	for (int round = 0; round < ROUNDS_MAX; round++) {
		bool found = false;

		for (size_t i = 0; i < file->num_signatures; i++)
			if (file->signature[i].verdict != VERDICT_GENUINE &&
			    file->signature[i].path.root == NULL)
				found |= fetch_for(map, &file->signature[i], pool);
		if (!found)
			return;
		authenticode_judge_again(file, options);
	}
}
