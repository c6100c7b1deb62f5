// The server under test: the built `beffroi demo`, on a free port, in a folder of its own, and where it is
// asked for in a PostgreSQL database of its own.

import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));

function binary() {
  const target = process.env.CARGO_TARGET_DIR ?? path.join(root, "target");
  return process.env.BEFFROI_BIN ?? path.join(target, "debug", "beffroi");
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** A new database of the PostgreSQL that the tests run with; undefined where they run without. */
async function newDatabase(name) {
  const server = process.env.BEFFROI_TEST_POSTGRES;
  if (server === undefined) return undefined;
  await promisify(execFile)("psql", ["--quiet", "--no-psqlrc", "--dbname", server, "--command", `CREATE DATABASE ${name}`]);
  const address = new URL(server);
  address.pathname = `/${name}`;
  return address.href;
}

/** Starts a demonstration commune on an engine; `stop()` ends it and removes what it wrote. */
export async function startDemo(engine) {
  const folder = await mkdtemp(path.join(tmpdir(), "beffroi-e2e-"));
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const options = ["--data", folder, "--listen", `127.0.0.1:${port}`, "--cases", "40"];
  if (engine === "postgres") {
    const database = await newDatabase(`beffroi_${port}`);
    if (database === undefined) console.warn("on SQLite instead of PostgreSQL: BEFFROI_TEST_POSTGRES is not set");
    else options.push("--database-url", database);
  }
  // The mailboxes of the tests are on this machine.
  const mailboxes = process.env.BEFFROI_TEST_IMAP === undefined ? {} : { BEFFROI_MAILBOXES_PRIVATE: "true" };
  const process_ = spawn(binary(), ["demo", ...options], {
    cwd: root,
    env: { ...process.env, ...mailboxes },
    stdio: ["ignore", "pipe", "pipe"],
  });

  let said = "";
  let failure;
  const serving = new Promise((resolve) => {
    for (const output of [process_.stdout, process_.stderr]) {
      output.setEncoding("utf8");
      output.on("data", (text) => {
        said = (said + text).slice(-20_000);
        // The one line of its output, written once it listens.
        if (output === process_.stdout && said.includes(`http://127.0.0.1:${port}\n`)) resolve();
      });
    }
  });
  const ended = new Promise((resolve) => {
    process_.once("error", (error) => resolve((failure = error.message)));
    process_.once("exit", (code, signal) => resolve((failure = `ended with ${code ?? signal}`)));
  });

  async function stop() {
    if (failure === undefined) process_.kill("SIGTERM");
    await ended;
    await rm(folder, { recursive: true, force: true });
  }

  let alarm;
  const late = new Promise((resolve) => (alarm = setTimeout(resolve, 110_000)));
  const ready = await Promise.race([serving.then(() => true), ended, late]);
  clearTimeout(alarm);
  if (ready !== true) {
    const reason = failure ?? "did not answer in time";
    await stop();
    throw new Error(`beffroi demo ${reason}\n${said}`);
  }
  return { address, output: () => said, stop };
}
