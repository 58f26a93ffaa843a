import Foundation

extension BadInput {
    /// Runs that are damaged, of another version, or asked for what they cannot do.
    static let runs: [BadInput] = [
        BadInput(
            "truncated parameters",
            evaluate,
            says: "safetensors file \"run/parameters.safetensors\": the file ends within its data; "
                + "expected ... bytes of elements; received .... It may be cut off: copy or save it "
                + "again."
        ) { shop in
            try shop.train()
            try shop.edit("run/parameters.safetensors") { $0.removeLast(20) }
        },
        BadInput(
            "edited parameters",
            predict,
            says: "checkpoint \"run/parameters.safetensors\": the contents do not match their "
                + "checksum; expected ...; received .... The file was changed or damaged: use "
                + "another checkpoint."
        ) { shop in
            try shop.train()
            try shop.edit("run/parameters.safetensors") { $0[$0.count - 20] ^= 1 }
        },
        BadInput(
            "parameters with an edited name",
            evaluate,
            says: "checkpoint \"run/parameters.safetensors\": the header does not match its "
                + "checksum; expected ...; received .... The file was changed or damaged: use "
                + "another checkpoint."
        ) { shop in
            try shop.train()
            try shop.edit("run/parameters.safetensors") { data in
                if let name = data.range(of: Data("output_click".utf8)) {
                    data[name.lowerBound] = 79
                }
            }
        },
        BadInput(
            "truncated checkpoint of a run to go on with",
            resume,
            says: "safetensors file \"run/checkpoints/last.safetensors\": the file ends within its "
                + "data; expected ... bytes of elements; received .... It may be cut off: copy or "
                + "save it again."
        ) { shop in
            try shop.train()
            try shop.remove("run/parameters.safetensors")
            try shop.edit("run/checkpoints/last.safetensors") { $0.removeLast(20) }
        },
        BadInput(
            "checkpoint whose place in the training was edited",
            resume,
            says: "checkpoint \"run/checkpoints/last.safetensors\": the header does not match its "
                + "checksum; expected ...; received .... The file was changed or damaged: use "
                + "another checkpoint."
        ) { shop in
            try shop.train()
            try shop.remove("run/parameters.safetensors")
            try shop.edit("run/checkpoints/last.safetensors") { data in
                let key = Data(#"phaseStep\":0"#.utf8)
                if let place = data.range(of: key) { data[place.upperBound - 1] = 0x31 }
            }
        },
        BadInput(
            "vocabulary that was edited",
            evaluate,
            says: "fitted schema \"FOLDER/run/fitted/fitted.json\": the file and the vocabularies "
                + "do not belong together; expected a file as preparation wrote it; received "
                + "another. Prepare the data again."
        ) { shop in
            try shop.train()
            try shop.replace("u5\n", "u77\n", in: "run/fitted/vocabularies/user.txt")
        },
        BadInput(
            "run of a later version",
            evaluate,
            says: "run \"run\": a later version of Motet wrote it; expected format 1 or lower; "
                + "received 2. Use that version."
        ) { try $0.ageBackwards() },
        BadInput(
            "run of a later version, to go on with",
            resume,
            says: "run \"run\": a later version of Motet wrote it; expected format 1 or lower; "
                + "received 2. Use that version."
        ) { try $0.ageBackwards() },
        BadInput(
            "configuration of another model",
            evaluate,
            says: "run \"run\": parameters and configuration do not belong together: "
                + "\"mmoe_1/experts/dense_1/weight\" has another shape; expected [2, 5, 9]; received "
                + "[2, 5, 8]. Was configuration.yaml changed?"
        ) { shop in
            try shop.train()
            try shop.replace("expert_units: [8]", "expert_units: [9]", in: "run/configuration.yaml")
        },
        BadInput(
            "run that is there already",
            says: "run \"run\": there is a run already; expected a folder that is new or empty. Go "
                + "on with it by `--resume`, or name another folder by `--output`."
        ) { try $0.train() },
        BadInput(
            "column missing in a prediction",
            predict,
            says: "feature \"price\": there is no column `price`; expected one of the files' 2 "
                + "columns; received `price`."
        ) { shop in
            try shop.train()
            try shop.write("new.csv", "place,user\nhome,u3\n")
            try shop.write("out.csv", "older predictions")
        },
        BadInput(
            "scenario that is not declared, in a prediction",
            predict,
            says:
                "new.csv:3, column \"place\": not a declared scenario; expected one of home, search, mail; "
                + "received \"kiosk\". Add it to `values`, or set `unknown: other`."
        ) { shop in
            try shop.train()
            try shop.write("new.csv", "place,user,price\nhome,u3,4\nkiosk,u3,4\n")
            try shop.write("out.csv", "older predictions")
        },
        BadInput(
            "ragged row in a prediction",
            predict,
            says: "new.csv:3: row has 2 fields; expected 3, as in the header."
        ) { shop in
            try shop.train()
            try shop.write("new.csv", "place,user,price\nhome,u3,4\nhome,u3\n")
            try shop.write("out.csv", "older predictions")
        },
        BadInput(
            "prediction into an unknown format",
            ["predict", "run", "--input", "valid.csv", "--output", "out.xyz"],
            says: "out.xyz: format is unknown or cannot be written; expected a name that ends in "
                + ".csv, .tsv, .parquet, .arrow or .feather."
        ) { try $0.train() },
        BadInput(
            "evaluation of a label outside {0, 1}",
            ["evaluate", "run", "--data", "new.csv"],
            says: "new.csv:2, column \"clicked\": not a binary label; expected 0 or 1; received 2. "
                + "Give label \"click\" a rule such as `>= 1`, or make it numeric."
        ) { shop in
            try shop.train()
            try shop.write("new.csv", "place,user,price,clicked,bought\nhome,u3,4,2,0\n")
        },
    ]

    /// Disks with too little room, by a limit on the size of files.
    static let disks: [BadInput] = [
        BadInput(
            "no room for prepared data",
            status: 5,
            says: "FOLDER/.motet-cache/.building-.../training.partial-.../...: file cannot be "
                + "written; expected a writable folder with room; received \"File too large\".",
            fileBlocks: 2
        ),
        BadInput(
            "no room for a checkpoint",
            status: 5,
            says: "file \"run/checkpoints/last.safetensors\": cannot be written: File too large. "
                + "What was there is kept.",
            fileBlocks: 64,
            keepsCache: true
        ) { try $0.replace("expert_units: [8]", "expert_units: [256, 64]") },
        BadInput(
            "no room for predictions",
            predict,
            status: 5,
            says: "out.csv: file cannot be written; expected a writable folder with room; "
                + "received \"...File too large...\".",
            fileBlocks: 64
        ) { shop in
            try shop.train()
            let rows = String(repeating: "home,u3,4\n", count: 5_000)
            try shop.write("new.csv", "place,user,price\n" + rows)
            try shop.write("out.csv", "older predictions")
        },
    ]
}

extension Shop {
    /// Makes a run look as if a later version had written it.
    fileprivate func ageBackwards() throws {
        try train()
        try replace("\"format\" : 1", "\"format\" : 2", in: "run/versions.json")
    }
}
