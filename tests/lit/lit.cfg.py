"""Lets LLVM's lit run the same files as tests/lit.rs does.

    HE_OPT_BIN_DIR=target/debug lit tests/lit examples

FileCheck and not must be in PATH, or in the folder that HE_OPT_LLVM_BIN_DIR names.
"""

import os
import pathlib
import shutil

import lit.formats

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TOOLS = pathlib.Path(os.environ.get("HE_OPT_BIN_DIR", ROOT / "target" / "debug")).resolve()

config.name = "he-opt"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir"]
config.excludes = ["Inputs"]
config.test_exec_root = str(TOOLS / "lit")

folders = [str(TOOLS), os.environ.get("HE_OPT_LLVM_BIN_DIR", ""), os.environ["PATH"]]
config.environment["PATH"] = os.pathsep.join(folder for folder in folders if folder)

mlir_opt = os.environ.get("HE_OPT_MLIR_OPT") or shutil.which("mlir-opt", path=config.environment["PATH"])
if mlir_opt:
    config.available_features.add("mlir-opt")
    config.substitutions.append((r"\bmlir-opt\b", mlir_opt))
