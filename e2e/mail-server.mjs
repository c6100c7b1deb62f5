// A real SMTP server for the tests: accepts what it is sent, keeps each mail as one .eml file in the
// folder given, and writes its port on its output once it listens.
//
//   node mail-server.mjs FOLDER KEY CERTIFICATE
//
// It offers STARTTLS with that key and certificate (PEM files), and then signing in as `ville` with the
// password `soleil`; both are left to the sender. The `Received` header that it adds says what was done:
// ESMTP, ESMTPS (over TLS), ESMTPSA (over TLS and signed in; RFC 3848).
//
// Recipients whose local part begins with `refuse` are refused for good (550). With `later`, they are put
// off (451) the first time and taken the next, as greylisting does.

import { randomUUID } from "node:crypto";
import { createWriteStream, readFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { SMTPServer } from "smtp-server";

const [folder, key, certificate] = process.argv.slice(2);
if (!certificate) {
  console.error("usage: node mail-server.mjs FOLDER KEY CERTIFICATE");
  process.exit(2);
}

function refusal(code, message) {
  return Object.assign(new Error(message), { responseCode: code });
}

function received(session) {
  const letters = `ESMTP${session.secure ? "S" : ""}${session.user ? "A" : ""}`;
  return `Received: from ${session.clientHostname} by ${session.servername || "localhost"} with ${letters};\r\n ${new Date().toUTCString()}\r\n`;
}

const putOff = new Set();

const server = new SMTPServer({
  authOptional: true,
  key: readFileSync(key),
  cert: readFileSync(certificate),
  onAuth({ username, password }, _session, callback) {
    if (username === "ville" && password === "soleil") return callback(null, { user: username });
    return callback(refusal(535, "That is not the password"));
  },
  onRcptTo({ address }, _session, callback) {
    if (address.startsWith("refuse")) return callback(refusal(550, "No such person here"));
    if (address.startsWith("later") && !putOff.has(address)) {
      putOff.add(address);
      return callback(refusal(451, "Come back later"));
    }
    return callback();
  },
  async onData(stream, session, callback) {
    const name = randomUUID();
    const partial = path.join(folder, `${name}.part`);
    try {
      // A reader of the folder never sees half a mail: the name ends in .eml once all is there.
      const file = createWriteStream(partial);
      file.write(received(session));
      await pipeline(stream, file);
      await rename(partial, path.join(folder, `${name}.eml`));
      callback();
    } catch (error) {
      callback(refusal(451, error.message));
    }
  },
});

// A sender that hangs up, or does not trust the certificate, is no fault of the server.
server.on("error", (error) => console.error(`mail server: ${error.message}`));
server.listen(0, "127.0.0.1", () => console.log(server.server.address().port));
process.on("SIGTERM", () => server.close(() => process.exit(0)));
