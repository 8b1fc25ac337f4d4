// Signs calls with Twilio's own library: [{token, url, form: [[name, value]]}] -> [signature]
const { getExpectedTwilioSignature } = require("twilio");

let input = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (chunk) => (input += chunk));
process.stdin.on("end", () => {
  const answers = JSON.parse(input).map(({ token, url, form }) => {
    const values = {};
    for (const [name, value] of form) {
      values[name] = name in values ? [].concat(values[name], value) : value;
    }
    return getExpectedTwilioSignature(token, url, values);
  });
  process.stdout.write(JSON.stringify(answers));
});
