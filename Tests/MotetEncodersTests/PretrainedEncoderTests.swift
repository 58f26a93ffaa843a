import Foundation
import MotetCore
import MotetData
import MotetEncoders
import MotetNN
import MotetOneDNN
import MotetTestSupport
import Testing

@Suite("Loading an encoder") struct PretrainedEncoderTests {
    private static let query = "encoder.layer.1.attention.self.query.weight"

    @Test func idsAreThoseOfTheReference() throws {
        let tiny = try TinyEncoder()
        let (ids, truncated) = try tiny.load().ids(tiny.texts)
        #expect(ids == (try tiny.tensor("ids")))
        #expect(truncated == 0)
    }

    @Test func aLengthIsKept() throws {
        let tiny = try TinyEncoder()
        let (ids, truncated) = try tiny.load().ids(["", "the great camera", "the"], length: 4)
        #expect(ids.shape == [3, 4])
        #expect(truncated == 1)
        #expect(ids.integers[2...3] == [0, 0])
    }

    @Test func aMissingTensorIsNamed() throws {
        let tiny = try TinyEncoder { $0[Self.query] = nil }
        #expect(
            tiny.sentence()
                == "encoder weights \"DIR/model.safetensors\": the tensor \"\(Self.query)\" is missing; expected shape [12, 12]; received 36 tensors without it."
        )
    }

    @Test func aTensorOfTheWrongShapeIsNamed() throws {
        let tiny = try TinyEncoder { $0[Self.query] = Tensor(zeros: [12, 11]) }
        #expect(
            tiny.sentence()
                == "encoder weights \"DIR/model.safetensors\": the tensor \"\(Self.query)\" has the wrong shape or type; expected float32 [12, 12], as config.json says; received float32 [12, 11]."
        )
    }

    @Test func aBlockTooManyIsNamed() throws {
        let name = "encoder.layer.2.output.dense.bias"
        let tiny = try TinyEncoder { $0[name] = Tensor(zeros: [12]) }
        #expect(
            tiny.sentence().contains(
                "the tensor \"\(name)\" belongs to no block; expected 2 blocks"
            )
        )
    }

    @Test(arguments: [4, 100, 20_000])
    func aFileThatIsCutOffIsASentence(bytes: Int) throws {
        let tiny = try TinyEncoder()
        let path = URL(fileURLWithPath: tiny.folder + "/model.safetensors")
        try tiny.write("model.safetensors", Data(contentsOf: path).prefix(bytes))
        let sentence = tiny.sentence()
        #expect(sentence.hasPrefix("safetensors file \"DIR/model.safetensors\": "), "\(sentence)")
        #expect(sentence.contains("expected"), "\(sentence)")
    }

    @Test(arguments: ["config.json", "vocab.txt", "model.safetensors"])
    func aFileThatIsNotThereIsNamed(file: String) throws {
        let tiny = try TinyEncoder()
        try FileManager.default.removeItem(atPath: tiny.folder + "/" + file)
        #expect(
            tiny.sentence().hasPrefix(
                "encoder file \"DIR/\(file)\": cannot be read: No such file or directory."
            ),
            "\(tiny.sentence())"
        )
    }

    /// Settings that are cut off would change how texts are read without a word.
    @Test(arguments: ["tokenizer_config.json", "sentence_bert_config.json"])
    func settingsThatAreCutOffAreRefused(file: String) throws {
        let tiny = try TinyEncoder()
        try tiny.write(file, Data("{\"do_lower_case\": tru".utf8))
        #expect(
            tiny.sentence()
                == "encoder file \"DIR/\(file)\": not a JSON object; expected settings of the encoder; received 21 bytes. Copy it again, or remove it to use what `bert-base-uncased` has."
        )
    }

    @Test func aLengthOfTheSettingsIsKeptOrRefused() throws {
        let tiny = try TinyEncoder()
        try tiny.write("sentence_bert_config.json", Data("{\"max_seq_length\": 7}".utf8))
        #expect(try tiny.load().maximumLength == 7)
        try tiny.write("sentence_bert_config.json", Data("{\"max_seq_length\": null}".utf8))
        #expect(try tiny.load().maximumLength == 24)
        try tiny.write("sentence_bert_config.json", Data("{\"max_seq_length\": 1}".utf8))
        #expect(
            tiny.sentence()
                == "encoder file \"DIR/sentence_bert_config.json\", `max_seq_length`: out of range; expected a whole number of at least 2; received 1."
        )
    }

    @Test func aVocabularyOfAnotherSizeIsRefused() throws {
        let tiny = try TinyEncoder()
        try tiny.write("vocab.txt", Data("[PAD]\n[UNK]\n[CLS]\n[SEP]\na\n".utf8))
        #expect(tiny.sentence().contains("has the wrong number of pieces; expected"))
        #expect(tiny.sentence().hasSuffix("received 5."))
    }

    @Test func checkpointsOfATaskHaveAPrefix() throws {
        let tiny = try TinyEncoder { tensors in
            tensors = Dictionary(uniqueKeysWithValues: tensors.map { ("bert." + $0, $1) })
        }
        #expect(try tiny.load().configuration.blocks == 2)
    }

    @Test func anotherWeightIsAnotherEncoder() throws {
        let first = try TinyEncoder().load().identity
        #expect(try TinyEncoder().load().identity == first)
        let changed = try TinyEncoder { $0[Self.query]?.withMutableFloats { $0[3] += 1 } }
        #expect(try changed.load().identity != first)
    }
}
