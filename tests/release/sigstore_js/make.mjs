// Write a bundle that sigstore-js made against @sigstore/mock, with the root to judge it by:
//   npm install sigstore@4.1.1 @sigstore/mock@0.12.1; node make.mjs PAYLOAD > bundle.json
import crypto, { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { initializeCA, initializeCTLog, initializeTLog, fulcioHandler, rekorHandler } from "@sigstore/mock";
const require = createRequire(import.meta.url);
const nock = require("nock");
const canonicalize = require("canonicalize");
const sigstore = require("sigstore");

const pair = () => crypto.generateKeyPairSync("ec", { namedCurve: "P-256" });
const ctlog = await initializeCTLog(pair());
const ca = await initializeCA(pair(), ctlog);
const tlog = await initializeTLog("https://rekor.sigstore.dev", pair());
const sha256 = (data) => crypto.createHash("sha256").update(data).digest();
// The mock logs what is proposed; Rekor logs hashes, and PEM in lines of 64 characters.
const log = {
  publicKey: tlog.publicKey,
  log({ spec }) {
    const { envelope: text, verifiers } = spec.proposedContent;
    const envelope = JSON.parse(text);
    const pem = new X509Certificate(Buffer.from(verifiers[0], "base64")).toString();
    const hash = (data) => ({ algorithm: "sha256", value: sha256(data).toString("hex") });
    return tlog.log({
      apiVersion: "0.0.1",
      kind: "dsse",
      spec: {
        envelopeHash: hash(canonicalize(envelope)),
        payloadHash: hash(Buffer.from(envelope.payload, "base64")),
        signatures: envelope.signatures.map(({ sig }) => ({
          signature: sig,
          verifier: Buffer.from(pem).toString("base64"),
        })),
      },
    });
  },
};
const serve = (base, { path, fn }) =>
  nock(base).post(path).reply(async (_, body) => {
    const { statusCode, response } = await fn(typeof body === "string" ? body : JSON.stringify(body));
    return [statusCode, response, { "Content-Type": "application/json" }];
  });
serve("https://fulcio.sigstore.dev", fulcioHandler(ca));
serve("https://rekor.sigstore.dev", rekorHandler(log));

const part = (claims) => Buffer.from(JSON.stringify(claims)).toString("base64url");
const subject = "https://github.com/northbank/triage/.github/workflows/release.yml@refs/heads/main";
const claims = { iss: "https://token.actions.githubusercontent.com", aud: "sigstore", sub: subject };
const identityToken = `${part({ alg: "none" })}.${part(claims)}.x`;
const payload = readFileSync(process.argv[2]);
const bundle = await sigstore.attest(payload, "application/vnd.in-toto+json", { identityToken });
const proof = bundle.verificationMaterial.tlogEntries[0].inclusionProof;
proof.logIndex ??= "0"; // protobuf's JSON leaves out zero and empty lists
proof.hashes ??= [];

const since = { start: "2026-01-01T00:00:00Z" };
const trust = (key) => ({
  baseUrl: "https://rekor.sigstore.dev",
  hashAlgorithm: "SHA2_256",
  publicKey: { rawBytes: key.toString("base64"), keyDetails: "PKIX_ECDSA_P256_SHA_256", validFor: since },
  logId: { keyId: sha256(key).toString("base64") },
});
const certificate = Buffer.from(ca.rootCertificate).toString("base64");
const root = {
  mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
  tlogs: [trust(tlog.publicKey)],
  certificateAuthorities: [{
    subject: { organization: "sigstore.mock", commonName: "sigstore" },
    uri: "https://fulcio.sigstore.dev",
    certChain: { certificates: [{ rawBytes: certificate }] },
    validFor: since,
  }],
  ctlogs: [trust(ctlog.publicKey)],
  timestampAuthorities: [],
};
console.log(JSON.stringify({ root, bundle }, null, 1));
