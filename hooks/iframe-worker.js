// Pages of a folder can't start a worker: the script of the search runs in a hidden frame instead.
if (location.protocol === "file:") {
  window.Worker = class {
    constructor(script) {
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      document.body.append(this.frame);
      const { contentWindow: inside, contentDocument: page } = this.frame;
      inside.postMessage = (data) => setTimeout(() => this.onmessage?.({ data }));
      this.ready = new Promise((resolve, reject) => {
        const part = page.createElement("script");
        Object.assign(part, { src: script, onload: resolve, onerror: reject });
        page.body.append(part);
      });
      this.ready.catch((error) => this.onerror?.(error));
    }

    postMessage(data) {
      const { contentWindow: inside } = this.frame;
      const deliver = () => inside.dispatchEvent(new inside.MessageEvent("message", { data }));
      this.ready.then(() => setTimeout(deliver));
    }

    terminate() {
      this.frame.remove();
    }
  };
}
