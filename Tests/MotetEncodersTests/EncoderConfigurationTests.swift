import Foundation
import MotetEncoders
import MotetTestSupport
import Testing

@Suite("Configuration of an encoder") struct EncoderConfigurationTests {
    private static var sizes: [String: Any] {
        [
            "model_type": "bert", "hidden_act": "gelu", "hidden_size": 12,
            "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 20,
            "max_position_embeddings": 16, "type_vocab_size": 2, "vocab_size": 30,
            "layer_norm_eps": 1e-12, "pad_token_id": 0,
        ]
    }

    private func sentence(_ change: (inout [String: Any]) -> Void) throws -> String {
        var sizes = Self.sizes
        change(&sizes)
        let json = try JSONSerialization.data(withJSONObject: sizes)
        do {
            _ = try EncoderConfiguration(json: json, file: "config.json")
            return ""
        } catch { return error.description }
    }

    @Test func theSizesAreRead() throws {
        let json = try JSONSerialization.data(withJSONObject: Self.sizes)
        let configuration = try EncoderConfiguration(json: json, file: "config.json")
        #expect(configuration.width == 12)
        #expect(configuration.blocks == 2)
        #expect(configuration.heads == 3)
        #expect(configuration.hiddenUnits == 20)
        #expect(configuration.epsilon == 1e-12)
    }

    @Test func aSizeThatIsMissingIsNamed() throws {
        #expect(
            try sentence { $0["hidden_size"] = nil }
                == "encoder configuration \"config.json\", `hidden_size`: missing or out of range; expected a whole number of at least 1; received nothing."
        )
    }

    @Test func anotherKindOfModelIsRefused() throws {
        #expect(
            try sentence { $0["model_type"] = "gpt2" }
                == "encoder configuration \"config.json\", `model_type`: not supported; expected bert; received gpt2."
        )
    }

    @Test func headsThatDoNotDivideTheWidthAreRefused() throws {
        #expect(
            try sentence { $0["num_attention_heads"] = 5 }
                == "encoder configuration \"config.json\", `num_attention_heads`: does not divide the width; expected a divisor of 12; received 5."
        )
    }

    @Test func whatIsNoJSONIsRefused() {
        #expect(throws: EncoderError.self) {
            try EncoderConfiguration(json: Data("{".utf8), file: "config.json")
        }
    }
}
