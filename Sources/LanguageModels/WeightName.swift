/// A weight of a decoder, by its place; every file format has its own word for it.
package enum WeightName: Sendable, Hashable {
  case embedding, finalNorm, head
  case layer(Int, LayerWeight)

  /// The weights of one layer.
  package enum LayerWeight: Sendable, Hashable, CaseIterable {
    case inputNorm, q, k, v, qBias, kBias, vBias, qNorm, kNorm, output, postNorm, gate, up, down
  }

  /// The name in a Hugging Face folder.
  package var huggingFace: String {
    switch self {
    case .embedding: "model.embed_tokens.weight"
    case .finalNorm: "model.norm.weight"
    case .head: "lm_head.weight"
    case .layer(let index, let weight): "model.layers.\(index).\(weight.huggingFace)"
    }
  }

  /// The name in a GGUF file.
  package var gguf: String {
    switch self {
    case .embedding: "token_embd.weight"
    case .finalNorm: "output_norm.weight"
    case .head: "output.weight"
    case .layer(let index, let weight): "blk.\(index).\(weight.gguf)"
    }
  }

  /// The shape that a configuration asks for.
  package func shape(in model: ModelConfiguration) -> [Int] {
    switch self {
    case .embedding, .head: [model.vocabulary, model.hidden]
    case .finalNorm: [model.hidden]
    case .layer(_, let weight):
      switch weight {
      case .inputNorm, .postNorm: [model.hidden]
      case .q: [model.heads * model.headSize, model.hidden]
      case .k, .v: [model.kvHeads * model.headSize, model.hidden]
      case .qBias: [model.heads * model.headSize]
      case .kBias, .vBias: [model.kvHeads * model.headSize]
      case .qNorm, .kNorm: [model.headSize]
      case .output: [model.hidden, model.heads * model.headSize]
      case .gate, .up: [model.intermediate, model.hidden]
      case .down: [model.hidden, model.intermediate]
      }
    }
  }
}

extension WeightName.LayerWeight {
  var huggingFace: String {
    switch self {
    case .inputNorm: "input_layernorm.weight"
    case .q: "self_attn.q_proj.weight"
    case .k: "self_attn.k_proj.weight"
    case .v: "self_attn.v_proj.weight"
    case .qBias: "self_attn.q_proj.bias"
    case .kBias: "self_attn.k_proj.bias"
    case .vBias: "self_attn.v_proj.bias"
    case .qNorm: "self_attn.q_norm.weight"
    case .kNorm: "self_attn.k_norm.weight"
    case .output: "self_attn.o_proj.weight"
    case .postNorm: "post_attention_layernorm.weight"
    case .gate: "mlp.gate_proj.weight"
    case .up: "mlp.up_proj.weight"
    case .down: "mlp.down_proj.weight"
    }
  }

  var gguf: String {
    switch self {
    case .inputNorm: "attn_norm.weight"
    case .q: "attn_q.weight"
    case .k: "attn_k.weight"
    case .v: "attn_v.weight"
    case .qBias: "attn_q.bias"
    case .kBias: "attn_k.bias"
    case .vBias: "attn_v.bias"
    case .qNorm: "attn_q_norm.weight"
    case .kNorm: "attn_k_norm.weight"
    case .output: "attn_output.weight"
    case .postNorm: "ffn_norm.weight"
    case .gate: "ffn_gate.weight"
    case .up: "ffn_up.weight"
    case .down: "ffn_down.weight"
    }
  }
}
