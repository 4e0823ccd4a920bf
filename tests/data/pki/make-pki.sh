#!/bin/sh
# Makes a small test PKI with openssl (3.0 or later) alone, in about five
# seconds.  It protects nothing: keys lie beside the certificates, and every
# run makes new ones.
#
#	make-pki.sh DIR [AIA-URL]
#
# DIR is created; what it holds of an earlier run is overwritten.  With AIA-URL
# (no slash at its end) every issued certificate has a caIssuers pointer
# AIA-URL/ISSUER.crt, and DIR/aia/ISSUER.crt (DER) are the files to serve.
#
# For each NAME: NAME.pem (certificate), NAME.key (private key, unencrypted),
# and for leaves NAME.chain.pem (leaf, then intermediates, no root).
#
#	root-a  root-b   roots for code signing (RSA; EC P-384)
#	root-t           root for timestamps
#	root-x           a rogue with root-a's names; nobody accepts it
#	ca-a             below root-a, any policy, EKU code signing
#	ca-a2            below ca-a, path length 0
#	ca-a-cross       ca-a's name and key below root-b (key: ca-a.key)
#	ca-b             below root-b; issues subscriber identifiers
#	ca-x             below root-x with ca-a's name, another key, and as key
#	                 id that of ca-a: right by every name, and not by signature
#	ca-ov            below root-a, policies limited to 2.23.140.1.4.1
#	ov               Alder Audio Ltd, organisation checked, by ca-a2
#	ov-renewed       the same key (key: ov.key), by ca-a
#	ev               Birch Metering, Inc., EV (Delaware 5157550), by ca-a
#	ev-date          its serialNumber is a date: no registration, by ca-a
#	ev-limited       an EV leaf by ca-ov, which may issue no EV (ev's key)
#	lookalike        Birch's every name and number, another key, by ca-ov
#	subscriber       Cedar Synthesis, EKU 1.3.6.1.4.1.311.97.11.22.33.44, ca-b
#	expired          Dogwood Tools, 2020-01-01 to 2021-01-01, by ca-a
#	future           valid from 2060 on, by ca-a
#	tls              a server certificate (no code signing), by ca-a
#	self             Elder Effects, self-signed code signing
#	unknown          Alder Audio Ltd by ca-x, so below the rogue root
#	weak             RSA-1024 key, by ca-a
#	sha1             signed with SHA-1, by ca-a
#	revoked          Fir Delay Works, in ca-a's CRL since 2025-06-01
#	tsa              timestamp signer, critical timeStamping, by root-t
#
# Also: roots.pem (root-a, root-b), roots-all.pem (and root-t), ca-a.crl.pem.
# Valid from 2024-01-01 to 2044-01-01 where nothing else is said.
set -eu

[ $# -ge 1 ] || { echo "usage: make-pki.sh DIR [AIA-URL]" >&2; exit 2; }
aia=${2:-}
mkdir -p "$1"
cd "$1"
rm -rf work aia
mkdir -p work aia
OPENSSL_CONF=$PWD/work/ca.cnf
export OPENSSL_CONF

from=20240101000000Z
until=20440101000000Z

cat > work/ca.cnf <<'CNF'
[req]
distinguished_name = dn
string_mask = utf8only
utf8 = yes
[dn]
[ca]
default_ca = any
[any]
database = work/index.txt
new_certs_dir = work
rand_serial = yes
default_md = sha256
policy = anything
unique_subject = no
default_crl_days = 7300
[anything]
commonName = optional
CNF
: > work/index.txt

rsa() { openssl genrsa -out "$1.key" "${2:-2048}" 2>/dev/null; }
ec() { openssl ecparam -genkey -noout -name "$2" -out "$1.key"; }

# sign NAME SUBJECT ISSUER EXTENSIONS...: NAME.pem for NAME.key (or $key) by
# ISSUER; an issuer of the same name signs itself.  $start, $end, $md override.
sign() {
	name=$1 subject=$2 issuer=$3
	shift 3
	printf '%s\n' "$@" > work/ext.cnf
	if [ -n "$aia" ] && [ "$name" != "$issuer" ]; then
		echo "authorityInfoAccess=caIssuers;URI:$aia/$issuer.crt" >> work/ext.cnf
	fi
	openssl req -new -utf8 -key "${key:-$name.key}" -subj "$subject" -out work/req.pem
	if [ "$name" = "$issuer" ]; then
		set -- -selfsign
	else
		set -- -cert "$issuer.pem"
	fi
	openssl ca -batch -notext -preserveDN "$@" -keyfile "$issuer.key" -md "${md:-sha256}" \
	    -startdate "${start:-$from}" -enddate "${end:-$until}" \
	    -extfile work/ext.cnf -in work/req.pem -out "$name.pem" 2> work/log ||
	    { cat work/log >&2; exit 1; }
	openssl x509 -in "$name.pem" -outform DER -out "aia/$name.crt"
}

# leaf NAME SUBJECT ISSUER CHAIN EXTENSIONS...
leaf() {
	leaf=$1 leaf_subject=$2 leaf_issuer=$3 chain=$4
	shift 4
	sign "$leaf" "$leaf_subject" "$leaf_issuer" \
	    basicConstraints=critical,CA:FALSE keyUsage=critical,digitalSignature \
	    subjectKeyIdentifier=hash "$@"
	cat "$leaf.pem" > "$leaf.chain.pem"
	for c in $chain; do
		cat "$c.pem" >> "$leaf.chain.pem"
	done
}

ca='basicConstraints=critical,CA:TRUE'
use='keyUsage=critical,keyCertSign,cRLSign'
ski='subjectKeyIdentifier=hash'
aki='authorityKeyIdentifier=keyid'
code='extendedKeyUsage=codeSigning'
org_checked='certificatePolicies=2.23.140.1.4.1'
extended='certificatePolicies=2.23.140.1.3'

# ---- roots and intermediates -------------------------------------------------
name_a='/C=US/O=Grove Trust/CN=Grove Trust Root A'
name_ca_a='/C=US/O=Grove Trust/CN=Grove Trust Code Signing CA A'
rsa root-a 3072
ec root-b secp384r1
rsa root-t
rsa root-x
sign root-a "$name_a" root-a "$ca" "$use" "$ski"
md=sha384
sign root-b '/C=US/O=Meadow Identity/CN=Meadow Identity Root B' root-b "$ca" "$use" "$ski"
md=
sign root-t '/C=US/O=Sundial Time/CN=Sundial Timestamp Root' root-t "$ca" "$use" "$ski"
sign root-x "$name_a" root-x "$ca" "$use" "$ski"

for c in ca-a ca-a2 ca-b ca-x ca-ov; do
	rsa $c
done
sign ca-a "$name_ca_a" root-a "$ca" "$use" "$ski" "$aki" "$code" certificatePolicies=2.5.29.32.0
sign ca-a2 '/C=US/O=Grove Trust/CN=Grove Trust Code Signing CA A2' ca-a \
    "$ca,pathlen:0" "$use" "$ski" "$aki" "$code" certificatePolicies=2.5.29.32.0
key=ca-a.key
sign ca-a-cross "$name_ca_a" root-b "$ca" "$use" "$ski" "$aki" "$code"
key=
sign ca-b '/C=US/O=Meadow Identity/CN=Meadow Verified Signing CA B' root-b \
    "$ca,pathlen:0" "$use" "$ski" "$aki" certificatePolicies=2.5.29.32.0
id=$(openssl x509 -in ca-a.pem -noout -ext subjectKeyIdentifier | sed -n '2s/ //gp')
sign ca-x "$name_ca_a" root-x "$ca" "$use" "subjectKeyIdentifier=$id" "$code"
sign ca-ov '/C=US/O=Grove Trust/CN=Grove Trust Organisation CA' root-a \
    "$ca" "$use" "$ski" "$aki" "$code" "$org_checked"

# ---- leaves ------------------------------------------------------------------
for c in ov ev subscriber expired tls self unknown revoked tsa sha1; do
	rsa $c
done
rsa weak 1024
ec future prime256v1
ec lookalike prime256v1
cp ev.key ev-date.key
cp ev.key ev-limited.key

ov='/C=GB/L=Reading/O=Alder Audio Ltd/CN=Alder Audio Ltd'
ev='/jurisdictionC=US/jurisdictionST=Delaware/businessCategory=Private Organization'
birch='/C=US/ST=Oregon/L=Portland/O=Birch Metering, Inc./CN=Birch Metering, Inc.'
leaf ov "$ov" ca-a2 'ca-a2 ca-a' "$aki" "$code" "$org_checked"
key=ov.key
leaf ov-renewed "$ov" ca-a ca-a "$aki" "$code" "$org_checked"
key=
leaf ev "$ev/serialNumber=5157550$birch" ca-a ca-a "$aki" "$code" "$extended"
leaf ev-date "$ev/serialNumber=2011-04-05$birch" ca-a ca-a "$aki" "$code" "$extended"
leaf ev-limited "$ev/serialNumber=5157550$birch" ca-ov ca-ov "$aki" "$code" "$extended"
leaf lookalike "$ev/serialNumber=5157550$birch" ca-ov ca-ov "$aki" "$code" "$extended"
leaf subscriber '/C=US/ST=Washington/L=Redmond/O=Cedar Synthesis/CN=Cedar Synthesis' \
    ca-b ca-b "$aki" \
    extendedKeyUsage=codeSigning,1.3.6.1.4.1.311.97.1.0,1.3.6.1.4.1.311.97.11.22.33.44
start=20200101000000Z end=20210101000000Z
leaf expired '/C=US/O=Dogwood Tools/CN=Dogwood Tools' ca-a ca-a "$aki" "$code" "$org_checked"
start=20600101000000Z end=20610101000000Z
leaf future '/C=US/O=Dogwood Tools/CN=Dogwood Tools' ca-a ca-a "$aki" "$code" "$org_checked"
start='' end=''
leaf tls '/CN=www.example.test' ca-a ca-a "$aki" extendedKeyUsage=serverAuth \
    subjectAltName=DNS:www.example.test
leaf self '/C=DE/O=Elder Effects/CN=Elder Effects' self '' "$code"
leaf unknown "$ov" ca-x ca-x "$aki" "$code" "$org_checked"
leaf weak '/C=US/O=Gorse Games/CN=Gorse Games' ca-a ca-a "$aki" "$code" "$org_checked"
md=sha1
leaf sha1 '/C=US/O=Hazel Games/CN=Hazel Games' ca-a ca-a "$aki" "$code" "$org_checked"
md=
leaf tsa '/C=US/O=Sundial Time/CN=Sundial Timestamp Signer' root-t '' "$aki" \
    extendedKeyUsage=critical,timeStamping
leaf revoked '/C=US/O=Fir Delay Works/CN=Fir Delay Works' ca-a ca-a "$aki" "$code" "$org_checked"

# ---- the CRL of ca-a: "revoked" alone, at a fixed date ------------------------
serial=$(openssl x509 -in revoked.pem -noout -serial | cut -d= -f2)
printf 'R\t440101000000Z\t250601000000Z,keyCompromise\t%s\tunknown\t/CN=revoked\n' \
    "$serial" > work/index.txt
openssl ca -gencrl -cert ca-a.pem -keyfile ca-a.key -out ca-a.crl.pem 2> work/log ||
    { cat work/log >&2; exit 1; }

cat root-a.pem root-b.pem > roots.pem
cat root-a.pem root-b.pem root-t.pem > roots-all.pem
rm -rf work
[ -n "$aia" ] || rm -rf aia
