// Runs a command through Bun.spawn; `bun --no-orphans wrap.js COMMAND...` is bun's containment.
const child = Bun.spawn(process.argv.slice(2), { stdio: ["inherit", "inherit", "inherit"] });
process.on("SIGTERM", () => process.exit(143)); // bun kills the descendants when it exits
process.exit(await child.exited); // 128+n when a signal ended it
