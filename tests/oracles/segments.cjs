// Counts segments with Twilio's own calculator:
// [{text, smart}] -> [{encoding, segments, units}]
const { SegmentedMessage } = require("sms-segments-calculator");

let input = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (chunk) => (input += chunk));
process.stdin.on("end", () => {
  const answers = JSON.parse(input).map(({ text, smart }) => {
    const message = new SegmentedMessage(text, "auto", smart);
    const bits = message.encodingName === "GSM-7" ? 7 : 16;
    return {
      encoding: message.encodingName,
      segments: message.segmentsCount,
      units: message.messageSize / bits,
    };
  });
  process.stdout.write(JSON.stringify(answers));
});
