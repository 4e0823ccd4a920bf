/* The operator's roots; see trust.h. */
#include "pki/trust.h"

#include <stdlib.h>

static const struct {
	enum capability capability;
	const char *text;
} capabilities[] = {
    {CAPABILITY_BINARIES, "binaries"},
    {CAPABILITY_SIGN_IN, "sign-in"},
    {CAPABILITY_REGISTRATION, "registration"},
    {CAPABILITY_SUBSCRIBER, "subscriber"},
    {CAPABILITY_TIMESTAMPING, "timestamping"},
};
#define NUM_CAPABILITIES (sizeof(capabilities) / sizeof(capabilities[0]))

void
trust_init(struct trust_store *store)
{
	memset(store, 0, sizeof(*store));
}

void
trust_free(struct trust_store *store)
{
	for (size_t i = 0; i < store->num; i++) {
		struct trust_root *root = &store->root[i];

		certificate_free(root->cert);
		for (size_t k = 0; k < root->num_policies; k++)
			free(root->policy[k]);
		free(root->reason);
	}
	free(store->root);
	trust_init(store);
}

struct trust_root *
trust_add(struct trust_store *store, struct certificate *c, unsigned caps)
{
	struct trust_root *root = (struct trust_root *)trust_find(store, c);

	if (root != NULL) {
		root->capabilities |= caps;
		return root;
	}
	if (store->num == store->cap) {
		size_t cap = store->cap != 0 ? 2 * store->cap : 16;

		root = reallocarray(store->root, cap, sizeof(*root));
		if (root == NULL)
			return NULL;
		store->root = root;
		store->cap = cap;
	}
	root = &store->root[store->num++];
	memset(root, 0, sizeof(*root));
	root->cert = certificate_ref(c);
	root->capabilities = caps;
	return root;
}

bool
trust_add_pem(struct trust_store *store, struct bytes pem, unsigned caps)
{
	struct certificate *c;
	size_t offset = 0;
	bool bad;

	while ((c = certificate_next_pem(pem, &offset, &bad)) != NULL) {
		bool added = trust_add(store, c, caps) != NULL;

		certificate_free(c);
		if (!added)
			return false;
	}
	return !bad;
}

const struct trust_root *
trust_find(const struct trust_store *store, const struct certificate *c)
{
	for (size_t i = 0; i < store->num; i++)
		if (certificate_same(store->root[i].cert, c))
			return &store->root[i];
	return NULL;
}

unsigned
capability_by_text(const char *text)
{
	for (size_t i = 0; i < NUM_CAPABILITIES; i++)
		if (strcmp(capabilities[i].text, text) == 0)
			return capabilities[i].capability;
	return 0;
}

const char *
capability_text(enum capability capability)
{
	for (size_t i = 0; i < NUM_CAPABILITIES; i++)
		if (capabilities[i].capability == capability)
			return capabilities[i].text;
	return "";
}
