// A real SMTP server for the tests: accepts what it is sent, keeps each mail as one .eml file in the
// folder given, and writes its port on its output once it listens.
//
//   node mail-server.mjs FOLDER
//
// Recipients whose local part begins with `refuse` are refused for good (550), with `later` for now
// (451), so that both ways of failing can be tested.

import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rename } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { SMTPServer } from "smtp-server";

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error("usage: node mail-server.mjs FOLDER");
  process.exit(2);
}

function refusal(code, message) {
  return Object.assign(new Error(message), { responseCode: code });
}

const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ["STARTTLS", "AUTH"],
  onRcptTo({ address }, _session, callback) {
    if (address.startsWith("refuse")) return callback(refusal(550, "No such person here"));
    if (address.startsWith("later")) return callback(refusal(451, "Come back later"));
    return callback();
  },
  async onData(stream, _session, callback) {
    const name = randomUUID();
    const partial = path.join(folder, `${name}.part`);
    try {
      // A reader of the folder never sees half a mail: the name ends in .eml once all is there.
      await pipeline(stream, createWriteStream(partial));
      await rename(partial, path.join(folder, `${name}.eml`));
      callback();
    } catch (error) {
      callback(refusal(451, error.message));
    }
  },
});

server.on("error", (error) => console.error(`mail server: ${error.message}`));
server.listen(0, "127.0.0.1", () => console.log(server.server.address().port));
process.on("SIGTERM", () => server.close(() => process.exit(0)));
