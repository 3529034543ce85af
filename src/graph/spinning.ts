/**
 * How long an idle worker thread of a session burns its core waiting for the next operator, as session.intra_op.* entries.
 *
 * ONNX Runtime's default is milliseconds. Sessions that take turns (a layer's forward and backward, training and sampling) then fight
 * the previous session's idle threads for the cores: two alternating 512 x 512 products ran 2 to 5 times slower. Not spinning at all
 * makes graphs of tiny operators (decoding) 1.7 times slower. The default here bridges the gaps between a graph's operators, and no more;
 * a session that runs step after step by itself (decoding) asks for longer: with 50 us instead of 1,000 its steps took up to twice as long.
 */
export const spinning = (idleSpinUs = 50) => ({ spin_duration_us: String(idleSpinUs), spin_backoff_max: '8' });
