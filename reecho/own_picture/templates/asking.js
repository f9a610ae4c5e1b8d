"use strict";
// How the page asks the engine: in a worker, so that nothing freezes, or in the page where the browser allows no worker.
// ask(job, given, {moved, progress, signal}) is a promise of the result; `signal` of an AbortController ends the work on it.

function askingWorker(text) {
  const worker = new Worker(URL.createObjectURL(new Blob([text], {type: "text/javascript"}))), waiting = new Map();
  let count = 0;
  const settle = (number, how, value) => { // what was cancelled is answered no more
    const one = waiting.get(number);
    waiting.delete(number);
    if (one) one[how](value);
  };
  worker.onmessage = ({data: {number, share, result, error}}) => {
    if (share !== undefined) waiting.get(number)?.progress(share);
    else if (error === undefined) settle(number, "resolve", result);
    else settle(number, "reject", new Error(error));
  };
  worker.onerror = event => { // it could not be started at all
    event.preventDefault();
    for (const number of [...waiting.keys()]) settle(number, "reject", new Error("The worker beside the page has ended."));
  };
  return (job, given, {moved = [], progress = () => {}, signal} = {}) => new Promise((resolve, reject) => {
    const number = ++count;
    waiting.set(number, {resolve, reject, progress});
    signal?.addEventListener("abort", () => {
      if (waiting.has(number)) worker.postMessage({cancel: number});
      settle(number, "reject", signal.reason);
    });
    worker.postMessage({number, job, given}, moved);
  });
}

async function askingHere(job, given, {progress = () => {}, signal} = {}) {
  await new Promise(resolve => setTimeout(resolve, 20)); // the browser draws what changed
  signal?.throwIfAborted();
  return inTurn(job, given, {progress, get cancelled() { return Boolean(signal?.aborted); }});
}

// Jobs of which one is done at a time, and of several wishes for the same one the last. `jobs`: functions of a signal by name, the
// earlier ones first; where `cancels`, a wish ends the present job unless that one comes before it anyway.
function lane(jobs, cancels, failed) {
  const order = Object.keys(jobs), wanted = new Set();
  let working = null, present = null;

  async function work() {
    await null; // so that it never ends before it is noted down
    try {
      while (wanted.size) {
        const name = order.find(each => wanted.has(each)), controller = new AbortController();
        wanted.delete(name);
        present = {name, controller};
        try {
          await jobs[name](controller.signal);
        } catch (error) {
          if (!controller.signal.aborted) throw error;
        }
      }
      return true;
    } catch (error) {
      wanted.clear();
      failed(error);
      return false;
    } finally {
      working = present = null;
    }
  }

  return name => { // a promise that nothing is left to do, and that all went well
    if (name !== undefined) wanted.add(name);
    if (name !== undefined && cancels && present && order.indexOf(name) <= order.indexOf(present.name)) present.controller.abort();
    return working ??= work();
  };
}
