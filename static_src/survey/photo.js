/** Photos are drawn anew on the phone: smaller, and without place, time or camera. The server does the same again. */

const LONGEST_SIDE_PX = 1600;
const QUALITY = 0.82;

/** @param {File} file @returns {Promise<{type: string, data: string}>} rejects for a file that is no picture */
export async function redrawn(file) {
  const picture = await loaded(file);
  const scale = Math.min(1, LONGEST_SIDE_PX / Math.max(picture.naturalWidth, picture.naturalHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.naturalWidth * scale);
  canvas.height = Math.round(picture.naturalHeight * scale);
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const [, data] = canvas.toDataURL("image/jpeg", QUALITY).split(",");
  if (!data) throw new Error("not a picture");
  return { type: "image/jpeg", data };
}

/** Browsers turn a picture upright by its EXIF when they draw it. @param {File} file @returns {Promise<HTMLImageElement>} */
function loaded(file) {
  return new Promise((resolve, reject) => {
    const picture = new Image();
    const url = URL.createObjectURL(file);
    const finish = (/** @type {() => void} */ then) => () => {
      URL.revokeObjectURL(url);
      then();
    };
    picture.onload = finish(() => resolve(picture));
    picture.onerror = finish(() => reject(new Error("not a picture")));
    picture.src = url;
  });
}
