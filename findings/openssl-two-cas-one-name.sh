#!/usr/bin/env bash
# OpenSSL 3: of two CA certificates with one name in one bundle, only the first is tried.
#
# One would expect a bundle with the old and the new CA to accept servers of both, which is how a CA is rotated. It
# does where the certificates carry key identifiers. Where they do not, as with simple home-made CAs, and the new CA
# kept its name, OpenSSL takes the first certificate whose subject is the issuer's name and reports "certificate
# signature failure" if its key does not fit. It looks no further: the order of the file decides which half of the
# servers works.
#
# Who replicates between servers in the middle of such a rotation loses one of them, with an error that speaks of a
# broken signature instead of an unknown CA.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
openssl version

cat >openssl.cnf <<'CNF'
[req]
distinguished_name = name
prompt = no
[name]
CN = Example CA
[ca_plain]
basicConstraints = critical, CA:TRUE
subjectKeyIdentifier = none
[leaf_plain]
basicConstraints = CA:FALSE
subjectKeyIdentifier = none
authorityKeyIdentifier = none
[ca_identified]
basicConstraints = critical, CA:TRUE
subjectKeyIdentifier = hash
[leaf_identified]
basicConstraints = CA:FALSE
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
CNF

for style in plain identified; do
  for age in old new; do
    ca=$style-ca-$age leaf=$style-leaf-$age
    openssl ecparam -name prime256v1 -genkey -noout -out "$ca.key"
    openssl req -x509 -new -key "$ca.key" -days 2 -config openssl.cnf -extensions "ca_$style" -out "$ca.pem"
    openssl ecparam -name prime256v1 -genkey -noout -out "$leaf.key"
    openssl req -new -key "$leaf.key" -subj "/CN=$age.example" -config openssl.cnf -out "$leaf.csr"
    openssl x509 -req -in "$leaf.csr" -CA "$ca.pem" -CAkey "$ca.key" -CAcreateserial -days 2 -extfile openssl.cnf \
      -extensions "leaf_$style" -out "$leaf.pem" 2>log
  done
  cat "$style-ca-old.pem" "$style-ca-new.pem" >"$style-old-first.pem"
  cat "$style-ca-new.pem" "$style-ca-old.pem" >"$style-new-first.pem"
done

# expect BUNDLE LEAF WANTED: what openssl verify says of that server's certificate.
expect() {
  local seen=OK
  if ! openssl verify -CAfile "$1.pem" "$2.pem" >said 2>&1; then
    seen=$(sed -n 's/^error [0-9]* at [0-9]* depth lookup: //p' said)
  fi
  echo "$1, $2: $seen"
  if [ "$seen" != "$3" ]; then echo "CHANGED, this was: $3" >&2; exit 1; fi
}
expect plain-ca-old plain-leaf-old OK
expect plain-ca-new plain-leaf-new OK
expect plain-old-first plain-leaf-old OK
expect plain-old-first plain-leaf-new 'certificate signature failure'
expect plain-new-first plain-leaf-old 'certificate signature failure'
expect plain-new-first plain-leaf-new OK
expect identified-old-first identified-leaf-old OK
expect identified-old-first identified-leaf-new OK
echo "as described: without key identifiers the first CA of that name hides the second"
